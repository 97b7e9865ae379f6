namespace StickyAspire.SocketIO;

/// <summary>Handlers by event name. Swapped whole, so that a dispatch in progress sees the handlers of one moment.</summary>
/// <remarks>Each socket has one of these, mostly of a handful of names: an array, searched from its start, is the lightest and the fastest for them.</remarks>
internal sealed class EventHandlers
{
    /// <summary>From here on a dictionary finds a name sooner.</summary>
    private const int MaxSearched = 8;

    private volatile Entry[] _entries = [];
    private volatile Dictionary<string, SocketIOEventHandler[]>? _index;

    public void Add(string eventName, SocketIOEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (this)
        {
            var entries = _entries;
            var i = Array.FindIndex(entries, entry => entry.EventName == eventName);
            if (i < 0)
            {
                Set([.. entries, new Entry(eventName, [handler])]);
                return;
            }

            entries = [.. entries];
            entries[i] = new Entry(eventName, [.. entries[i].Handlers, handler]);
            Set(entries);
        }
    }

    public void Remove(string eventName)
    {
        lock (this)
        {
            Set([.. _entries.Where(entry => entry.EventName != eventName)]);
        }
    }

    /// <summary>The handlers of the event that an array of JSON begins with, found without making a string of its name.</summary>
    public SocketIOEventHandler[] Find(ReadOnlySpan<byte> json)
    {
        var entries = _entries;
        if (entries.Length == 0)
        {
            return [];
        }

        using var name = new EventName(json);
        if (_index is { } index)
        {
            return index.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name.Text, out var found) ? found : [];
        }

        foreach (var entry in entries)
        {
            if (name.Text.SequenceEqual(entry.EventName))
            {
                return entry.Handlers;
            }
        }

        return [];
    }

    private void Set(Entry[] entries)
    {
        _entries = entries;
        _index = entries.Length <= MaxSearched ? null : entries.ToDictionary(entry => entry.EventName, entry => entry.Handlers, StringComparer.Ordinal);
    }

    private readonly record struct Entry(string EventName, SocketIOEventHandler[] Handlers);
}
