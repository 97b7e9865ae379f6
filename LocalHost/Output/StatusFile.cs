using System.Text.Json;

namespace StickyAspire.LocalHosting.Output;

/// <summary>The state of every resource as JSON, for scripts and tests. Replaced whole, so that a reader never sees half of it.</summary>
internal sealed class StatusFile(string? path)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock _gate = new();

    /// <summary>Writes what is so now. What that is, is asked for under the lock: two changes at the same moment must not leave the older of their pictures behind.</summary>
    public void Write(Func<IReadOnlyList<ResourceStatus>> read)
    {
        if (path is null)
        {
            return;
        }

        lock (_gate)
        {
            var temporary = path + ".new";
            File.WriteAllText(temporary, JsonSerializer.Serialize(new { resources = read() }, Format));
            File.Move(temporary, path, overwrite: true);
        }
    }
}
