using System.Globalization;

namespace StickyAspire.Yarp.Configuration;

/// <summary>
/// Reads typed values from a cluster's or a destination's metadata. Collects what is wrong, so that all mistakes are told at once: the key, its value, what is allowed.
/// </summary>
/// <param name="metadata">YARP's metadata, or null for none.</param>
/// <param name="owner">Whose metadata it is, as an error names it: <c>Cluster 'websockets'</c>.</param>
internal sealed class MetadataReader(IReadOnlyDictionary<string, string>? metadata, string owner)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Every key that has been asked for, whether it was there or not.</summary>
    public IReadOnlySet<string> Known => _known;

    public bool Has(string key) => TryGet(key, out _);

    public string? ReadText(string key) => TryGet(key, out var text) ? text : null;

    public int ReadInt32(string key, int fallback, int min, int max)
    {
        if (!TryGet(key, out var text))
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        AddError(key, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"));
        return fallback;
    }

    /// <summary>A time: HAProxy's <c>500ms</c>, <c>2s</c>, <c>1m</c>, <c>1h</c>, <c>1d</c>, or .NET's <c>00:00:02</c>.</summary>
    public TimeSpan ReadTime(string key, TimeSpan fallback, TimeSpan min, TimeSpan max) => ReadTime(key, min, max) ?? fallback;

    /// <summary>As above; null where the key is not there.</summary>
    public TimeSpan? ReadTime(string key, TimeSpan min, TimeSpan max)
    {
        if (!TryGet(key, out var text))
        {
            return null;
        }

        if (Duration.TryParse(text, out var value) && value >= min && value <= max)
        {
            return value;
        }

        AddError(key, text, $"a time from {Duration.ToText(min)} to {Duration.ToText(max)}, such as 500ms, 2s, 1m or 00:00:02");
        return null;
    }

    public bool ReadSwitch(string key, bool fallback)
    {
        if (!TryGet(key, out var text))
        {
            return fallback;
        }

        if (bool.TryParse(text, out var value))
        {
            return value;
        }

        AddError(key, text, "true or false");
        return fallback;
    }

    public T ReadChoice<T>(string key, T fallback)
        where T : struct, Enum
    {
        if (!TryGet(key, out var text))
        {
            return fallback;
        }

        foreach (var name in Enum.GetNames<T>())
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return Enum.Parse<T>(name);
            }
        }

        AddError(key, text, string.Join(", ", Enum.GetNames<T>()));
        return fallback;
    }

    /// <summary>Adds an error of the caller's own finding.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="allowed">What would have been right, for the words behind "allowed is".</param>
    public void AddError(string key, string value, string allowed) => _errors.Add($"{owner}: Metadata {key} is \"{value}\": allowed is {allowed}.");

    /// <summary>Adds an error for each key that begins with one of the prefixes and that nobody has asked for: a misspelt one, most likely.</summary>
    public void RefuseUnknown(IReadOnlySet<string> prefixes)
    {
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
        {
            var dot = key.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && prefixes.Contains(key[..dot]) && !_known.Contains(key))
            {
                var prefix = key[..(dot + 1)];
                AddError(key, value, "no such key, but " + string.Join(", ", _known.Where(known => known.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)));
            }
        }
    }

    private bool TryGet(string key, out string text)
    {
        _known.Add(key);
        text = "";
        if (metadata is null || !metadata.TryGetValue(key, out var found))
        {
            return false;
        }

        text = found.Trim();
        return true;
    }
}
