using System.Collections.Concurrent;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// One stream: read once for all its namespaces, from its end at the start, and after an outage from where reading stopped. This server's own entries are delivered when they are read back,
/// so that all servers deliver in the stream's order and a client's last offset says all that it has seen. While Redis is away they are delivered at once.
/// </summary>
internal sealed class RedisStream : IStreamSink
{
    /// <summary>How long this server's clients wait for an entry to be read back. A Redis that takes longer is as good as away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly RedisAdapterContext _context;
    private readonly string _name;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private readonly ConcurrentDictionary<string, RedisStreamsAdapter> _adapters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeenNumbers> _seen = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, OutgoingEntry> _own = [];
    private readonly Queue<OutgoingEntry> _early = new();
    private long _number;
    private bool _isStarted;
    private bool _isDeliveringEarly;
    private bool _isWatching;

    public RedisStream(RedisAdapterContext context, string name)
    {
        _context = context;
        _name = name;
        _reader = new StreamReader(context, name, this);
        _writer = new StreamWriter(context, name, DeliverOwn);
    }

    /// <summary>The place of the last entry delivered here; null before the first.</summary>
    public StreamId? Last => _reader.Last;

    public void Add(RedisStreamsAdapter adapter)
    {
        _adapters[adapter.NamespaceName] = adapter;
        lock (_gate)
        {
            if (_isStarted)
            {
                return;
            }

            _isStarted = true;
        }

        _ = _reader.RunAsync();
    }

    public void Remove(RedisStreamsAdapter adapter) => _adapters.TryRemove(new KeyValuePair<string, RedisStreamsAdapter>(adapter.NamespaceName, adapter));

    /// <summary>Writes a message. Complete when this server's sockets have it; with <paramref name="isForOthers"/> they do not get it, and it is complete at once.</summary>
    public Task Write(RedisStreamsAdapter adapter, ClusterMessage message, bool isForOthers = false)
    {
        OutgoingEntry entry;
        bool atOnce;
        lock (_gate)
        {
            entry = new OutgoingEntry(adapter, message, ++_number, _context.TimeProvider.GetTimestamp());
            atOnce = !isForOthers && !(_reader.IsReading && _writer.IsWorking);
            if (atOnce)
            {
                _early.Enqueue(entry);
            }
            else if (!isForOthers)
            {
                _own.Add(entry.Number, entry);
                Watch();
            }

            // Under the lock, so that the order of the numbers is the order of the entries.
            _writer.Write(entry);
        }

        if (isForOthers)
        {
            return Task.CompletedTask;
        }

        if (atOnce)
        {
            _ = DeliverEarlyAsync();
        }

        return entry.Delivered;
    }

    /// <summary>Reads from one place to another, in order.</summary>
    public Task<IReadOnlyList<StreamEntry>> ReadRangeAsync(StreamId from, StreamId? to, int count) => _reader.ReadRangeAsync(from, to, count);

    /// <summary>Reads backwards, the place's own entry first.</summary>
    public Task<IReadOnlyList<StreamEntry>> ReadBackAsync(StreamId from, int count) => _reader.ReadBackAsync(from, count);

    /// <summary>Whether entries have gone from the stream's beginning.</summary>
    public Task<bool> HasTrimmedAsync() => _reader.HasTrimmedAsync();

    async ValueTask IStreamSink.OnEntryAsync(StreamEntry entry)
    {
        if (!_adapters.TryGetValue(entry.Nsp, out var adapter))
        {
            return;
        }

        try
        {
            if (entry.Uid == adapter.ServerUid)
            {
                await DispatchOwnAsync(adapter, entry);
            }
            else if (IsNew(entry))
            {
                await adapter.OnEntryAsync(entry);
            }
        }
#pragma warning disable CA1031 // Whatever is wrong with an entry, or comes of it, the next one is due.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RedisLog.MessageInvalid(_context.Logger, exception, _name);
        }
    }

    void IStreamSink.OnReadingFailed()
    {
        _writer.Doubt();
        DeliverOwn();
    }

    void IStreamSink.OnEventsMissed()
    {
        foreach (var adapter in _adapters.Values)
        {
            adapter.OnEventsMissed();
        }
    }

    private async ValueTask DispatchOwnAsync(RedisStreamsAdapter adapter, StreamEntry entry)
    {
        if (entry.Number is not { } number)
        {
            return;
        }

        OutgoingEntry? own;
        adapter.Early.OnReadBack(number);
        lock (_gate)
        {
            if (!_own.Remove(number, out own))
            {
                return;
            }
        }

        await own.Adapter.DeliverAsync(own.Message, entry.Id);
        own.SetDelivered();
    }

    private bool IsNew(StreamEntry entry)
    {
        if (entry.Number is not { } number)
        {
            return true;
        }

        // Bounded: a server that has restarted has a new name, and the old one's is forgotten some day.
        if (_seen.Count > 1_000)
        {
            _seen.Clear();
        }

        if (!_seen.TryGetValue(entry.Uid, out var seen))
        {
            _seen.Add(entry.Uid, seen = new SeenNumbers());
        }

        return seen.Add(number);
    }

    /// <summary>Sees to it that what is never read back is delivered all the same. Under the lock.</summary>
    private void Watch()
    {
        if (!_isWatching)
        {
            _isWatching = true;
            _ = WatchAsync();
        }
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            await Task.Delay(WatchInterval, _context.TimeProvider);
            lock (_gate)
            {
                if (_own.Count == 0)
                {
                    _isWatching = false;
                    return;
                }

                if (_context.TimeProvider.GetElapsedTime(_own.First().Value.WrittenAt) < Patience)
                {
                    continue;
                }
            }

            _writer.Doubt();
            DeliverOwn();
        }
    }

    /// <summary>Nothing can be read back for now: what waits for that goes to this server's sockets at once.</summary>
    private void DeliverOwn()
    {
        lock (_gate)
        {
            foreach (var entry in _own.Values)
            {
                _early.Enqueue(entry);
            }

            _own.Clear();
        }

        _ = DeliverEarlyAsync();
    }

    /// <summary>Delivers one entry after another, whoever calls, so that they stay in their order.</summary>
    private async Task DeliverEarlyAsync()
    {
        lock (_gate)
        {
            if (_isDeliveringEarly)
            {
                return;
            }

            _isDeliveringEarly = true;
        }

        while (TakeEarly(out var entry))
        {
            try
            {
                await entry.Adapter.DeliverEarlyAsync(entry.Message, entry.Number);
                entry.SetDelivered();
            }
#pragma warning disable CA1031 // The caller's, and no reason not to deliver the next one.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                entry.SetFailed(exception);
            }
        }
    }

    private bool TakeEarly(out OutgoingEntry entry)
    {
        lock (_gate)
        {
            return _isDeliveringEarly = _early.TryDequeue(out entry!);
        }
    }
}
