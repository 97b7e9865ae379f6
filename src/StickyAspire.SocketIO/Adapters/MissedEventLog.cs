using System.Globalization;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>The last events of a namespace in their order, for clients that come back. Guarded by its adapter.</summary>
/// <param name="capacity">The most events kept.</param>
internal sealed class MissedEventLog(int capacity)
{
    /// <summary>Sets this process's offsets apart from those that a server before it gave out.</summary>
    private readonly string _epoch = SocketIdGenerator.Create()[..6];

    private readonly Queue<Entry> _entries = new();
    private long _last;

    public string NextOffset() => string.Create(CultureInfo.InvariantCulture, $"{_epoch}-{++_last}");

    public void Add(SocketIOPacket packet, BroadcastOptions options, long at)
    {
        if (_entries.Count == capacity)
        {
            _entries.Dequeue();
        }

        _entries.Enqueue(new Entry(_last, packet, options, at));
    }

    public bool Contains(string offset) => TryParse(offset, out var number) && number >= First && number <= _last;

    public bool IsAfter(string offset, string other) => TryParse(offset, out var number) && TryParse(other, out var before) && number > before;

    /// <summary>What a client in these rooms should have seen after that event; or null if that event is not here any more.</summary>
    public IReadOnlyList<SocketIOPacket>? Read(string offset, IReadOnlyCollection<string> rooms)
    {
        if (!Contains(offset) || !TryParse(offset, out var seen))
        {
            return null;
        }

        var set = rooms as IReadOnlySet<string> ?? rooms.ToHashSet(StringComparer.Ordinal);
        return [.. _entries.Where(entry => entry.Number > seen && Concerns(entry.Options, set)).Select(entry => entry.Packet)];
    }

    public void Trim(Func<long, bool> isTooOld)
    {
        while (_entries.TryPeek(out var oldest) && isTooOld(oldest.At))
        {
            _entries.Dequeue();
        }
    }

    private long First => _entries.TryPeek(out var oldest) ? oldest.Number : long.MaxValue;

    private static bool Concerns(BroadcastOptions options, IReadOnlySet<string> rooms) =>
        (options.Rooms.Length == 0 || options.Rooms.Any(rooms.Contains)) && !options.Except.Any(rooms.Contains);

    private bool TryParse(string offset, out long number)
    {
        number = 0;
        return offset.Length > _epoch.Length && offset[_epoch.Length] == '-' && offset.StartsWith(_epoch, StringComparison.Ordinal)
            && long.TryParse(offset.AsSpan(_epoch.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private readonly record struct Entry(long Number, SocketIOPacket Packet, BroadcastOptions Options, long At);
}
