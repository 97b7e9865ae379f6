namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// What a writer holds for Redis: entries that are not confirmed, in the order of their numbers, and for a while the last ones that are, since a Redis that comes back may have forgotten what it had confirmed
/// before anybody else read it. Bounded in number and bytes. Guarded by its writer.
/// </summary>
internal sealed class Outbox
{
    /// <summary>The most entries that wait for Redis.</summary>
    public const int MaxWaiting = 10_000;

    /// <summary>And the most bytes of them.</summary>
    public const long MaxWaitingBytes = 64 * 1024 * 1024;

    /// <summary>How many confirmed ones are held.</summary>
    private const int MaxConfirmed = 1_000;

    private const long MaxConfirmedBytes = 4 * 1024 * 1024;

    private readonly LinkedList<OutgoingEntry> _waiting = [];
    private readonly Queue<OutgoingEntry> _confirmed = new();
    private long _waitingBytes;
    private long _confirmedBytes;

    /// <summary>Whether there is no room for one more that waits.</summary>
    public bool IsFullFor(OutgoingEntry entry) => _waiting.Count >= MaxWaiting || _waitingBytes + entry.Size > MaxWaitingBytes;

    /// <summary>The oldest entry that waits, or null.</summary>
    public LinkedListNode<OutgoingEntry>? First => _waiting.First;

    public LinkedListNode<OutgoingEntry> Add(OutgoingEntry entry)
    {
        _waitingBytes += entry.Size;
        return _waiting.AddLast(entry);
    }

    /// <summary>Redis has an entry. No matter if that was known before.</summary>
    public void Confirm(LinkedListNode<OutgoingEntry> node, StreamId place)
    {
        if (node.List is null)
        {
            return;
        }

        var entry = node.Value;
        _waiting.Remove(node);
        _waitingBytes -= entry.Size;
        entry.Place = place;
        _confirmed.Enqueue(entry);
        _confirmedBytes += entry.Size;
        while (_confirmed.Count > MaxConfirmed || _confirmedBytes > MaxConfirmedBytes)
        {
            _confirmedBytes -= _confirmed.Dequeue().Size;
        }
    }

    /// <summary>The last entries that Redis has confirmed, the latest first. Sorted only here: confirmations come on several threads, in any order.</summary>
    public OutgoingEntry[] GetConfirmed() => [.. _confirmed.OrderByDescending(entry => entry.Number)];

    /// <summary>Entries that Redis had confirmed and has forgotten, the latest first: they wait again, each in its place.</summary>
    public void Return(IReadOnlyCollection<OutgoingEntry> forgotten)
    {
        foreach (var entry in forgotten)
        {
            var next = _waiting.First;
            while (next is not null && next.Value.Number < entry.Number)
            {
                // Written before it and not confirmed yet.
                next = next.Next;
            }

            _ = next is null ? _waiting.AddLast(entry) : _waiting.AddBefore(next, entry);
            _waitingBytes += entry.Size;
            _confirmedBytes -= entry.Size;
        }

        var gone = forgotten.ToHashSet();
        for (var left = _confirmed.Count; left > 0; left--)
        {
            if (_confirmed.Dequeue() is var entry && !gone.Contains(entry))
            {
                _confirmed.Enqueue(entry);
            }
        }
    }
}
