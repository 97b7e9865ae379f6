namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Which entries stand before a place in a stream: asked for one that was written again, since a client that stopped at the place had the first of the two if it is there. Read backwards, only as far as it takes:
/// a sender's entries are in the order of their numbers but for those written again, so one with a lower number that is none of these shows that what was not found is not there.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="place">The place; its own entry is among them.</param>
internal sealed class EarlierEntries(RedisStream stream, StreamId place)
{
    private const int ReadCount = 1_000;
    private const int MaxReads = 20;

    private readonly HashSet<(string Uid, long Number)> _found = [];
    private readonly Dictionary<string, long> _foundInOrder = new(StringComparer.Ordinal);
    private StreamId _from = place;
    private int _reads;
    private bool _isAtBeginning;
    private bool _isWhole;

    /// <summary>Whether an entry's sender wrote it before the place as well. Null where that can't be told: the stream begins too late, or has too much to read.</summary>
    public async ValueTask<bool?> ContainAsync(StreamEntry entry)
    {
        var number = entry.Number!.Value;
        while (true)
        {
            if (_found.Contains((entry.Uid, number)))
            {
                return true;
            }

            if (_foundInOrder.TryGetValue(entry.Uid, out var before) && before < number)
            {
                return false;
            }

            if (_isAtBeginning)
            {
                return _isWhole ? false : null;
            }

            if (_reads++ >= MaxReads)
            {
                return null;
            }

            await ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        var entries = await stream.ReadBackAsync(_from, ReadCount);
        foreach (var entry in entries)
        {
            if (entry.Number is { } number)
            {
                _found.Add((entry.Uid, number));
                if (!entry.IsAgain)
                {
                    _foundInOrder[entry.Uid] = number;
                }
            }
        }

        if (entries.Count > 0)
        {
            _from = entries[^1].Id.Previous;
        }
        else
        {
            _isAtBeginning = true;
            _isWhole = !await stream.HasTrimmedAsync();
        }
    }
}
