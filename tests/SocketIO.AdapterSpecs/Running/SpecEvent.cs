using System.Text.Json;

namespace SocketIO.AdapterSpecs.Running;

/// <summary>An event as a client got it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Its arguments; placeholders stand where bytes are.</param>
/// <param name="Attachments">The bytes.</param>
public sealed record SpecEvent(string Name, IReadOnlyList<JsonElement> Arguments, IReadOnlyList<byte[]> Attachments)
{
    /// <summary>The first argument, a number.</summary>
    public int Number => Arguments[0].GetInt32();
}
