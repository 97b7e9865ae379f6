using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// One stream: read once for all its namespaces, from its end at the start, and after an outage from where reading stopped. This server's own entries are delivered when they are read back,
/// so that all servers deliver in the stream's order and a client's last offset says all that it has seen. While Redis is away they are delivered at once.
/// </summary>
internal sealed class RedisStream
{
    private const string Zero = "0-0";

    private readonly Lock _gate = new();
    private readonly RedisAdapterContext _context;
    private readonly string _name;
    private readonly StreamWriter _writer;
    private readonly ConcurrentDictionary<string, RedisStreamsAdapter> _adapters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SeenNumbers> _seen = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, OutgoingEntry> _own = [];
    private readonly Queue<OutgoingEntry> _early = new();
    private StreamId? _last;
    private long _number;
    private bool _isReading;
    private bool _isStarted;
    private bool _isDeliveringEarly;

    public RedisStream(RedisAdapterContext context, string name)
    {
        _context = context;
        _name = name;
        _writer = new StreamWriter(context, name, DeliverOwn);
    }

    /// <summary>The place of the last entry delivered here; null before the first.</summary>
    public StreamId? Last => _last is { } last && last > StreamId.Zero ? last : null;

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

        _ = ReadAsync();
    }

    public void Remove(RedisStreamsAdapter adapter) => _adapters.TryRemove(new KeyValuePair<string, RedisStreamsAdapter>(adapter.NamespaceName, adapter));

    /// <summary>Writes a message. Complete when this server's sockets have it; with <paramref name="isForOthers"/> they do not get it, and it is complete at once.</summary>
    public Task Write(RedisStreamsAdapter adapter, ClusterMessage message, bool isForOthers = false)
    {
        OutgoingEntry entry;
        bool atOnce;
        lock (_gate)
        {
            entry = new OutgoingEntry(adapter, message, ++_number);
            atOnce = !isForOthers && !(_isReading && _writer.IsWorking);
            if (atOnce)
            {
                _early.Enqueue(entry);
            }
            else if (!isForOthers)
            {
                _own.Add(entry.Number, entry);
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
    public async Task<IReadOnlyList<StreamEntry>> ReadRangeAsync(StreamId from, StreamId? to, int count)
    {
        var connection = await _context.Redis.GetAsync();
        var result = (RedisResult[]?)await connection.GetDatabase().ExecuteAsync(
            "XRANGE", (RedisKey)_name, from.ToString(), to?.ToString() ?? "+", "COUNT", count.ToString(CultureInfo.InvariantCulture));
        return ReadEntries(result);
    }

    private static List<StreamEntry> ReadEntries(RedisResult[]? result)
    {
        var entries = new List<StreamEntry>(result?.Length ?? 0);
        foreach (var item in result ?? [])
        {
            if ((RedisResult[]?)item is [var id, var fields] && StreamEntry.Read((string?)id, (RedisResult[]?)fields) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private async Task ReadAsync()
    {
        var backoff = new Backoff();
        while (true)
        {
            try
            {
                var connection = await _context.Redis.OpenReaderAsync(_name, _context.Options.StreamBlockTime);
                await ReadAsync(connection.GetDatabase(), backoff);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or InvalidCastException)
            {
                OnReadingFailed();
                var delay = backoff.Next();
                RedisLog.ReadFailed(_context.Logger, exception, _name, delay);
                await Task.Delay(delay, _context.TimeProvider);
            }
        }
    }

    private async Task ReadAsync(IDatabase database, Backoff backoff)
    {
        if (_last is null)
        {
            // The real end, not "$": nothing written between two reads is missed.
            _last = await ReadEndAsync(database);
        }
        else
        {
            await CheckContinuityAsync(database);
        }

        RedisLog.Reading(_context.Logger, _name, _last.ToString()!);

        // What has come since, without waiting; only then are own entries left to be read back.
        while (await ReadOnceAsync(database, block: false))
        {
        }

        backoff.Reset();
        lock (_gate)
        {
            _isReading = true;
        }

        while (true)
        {
            await ReadOnceAsync(database, block: true);
        }
    }

    private async Task<StreamId> ReadEndAsync(IDatabase database)
    {
        var result = (RedisResult[]?)await database.ExecuteAsync("XREVRANGE", (RedisKey)_name, "+", "-", "COUNT", "1");
        return result is [var entry] && (RedisResult[]?)entry is [var id, _] && StreamId.TryParse((string?)id, out var place) ? place : StreamId.Zero;
    }

    private async Task CheckContinuityAsync(IDatabase database)
    {
        if (_last is not { } last || last == StreamId.Zero)
        {
            return;
        }

        if ((await StreamState.ReadAsync(database, _name)).HasTrimmed(last, _context.Options.StreamMaxLength))
        {
            RedisLog.EventsMissed(_context.Logger, _name, last.ToString());
            foreach (var adapter in _adapters.Values)
            {
                adapter.OnEventsMissed();
            }
        }
    }

    private async Task<bool> ReadOnceAsync(IDatabase database, bool block)
    {
        var count = _context.Options.StreamReadCount.ToString(CultureInfo.InvariantCulture);
        var last = _last is { } place ? place.ToString() : Zero;
        object[] arguments = block
            ? ["BLOCK", ((long)_context.Options.StreamBlockTime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture), "COUNT", count, "STREAMS", (RedisKey)_name, last]
            : ["COUNT", count, "STREAMS", (RedisKey)_name, last];
        var result = await database.ExecuteAsync("XREAD", arguments);
        if (result.IsNull || (RedisResult[]?)result is not [var stream] || (RedisResult[]?)stream is not [_, var raw] || (RedisResult[]?)raw is not { Length: > 0 } items)
        {
            return false;
        }

        foreach (var entry in ReadEntries(items))
        {
            await DispatchAsync(entry);
        }

        // Entries that are none of ours move the place too.
        if ((RedisResult[]?)items[^1] is [var id, _] && StreamId.TryParse((string?)id, out var end))
        {
            _last = end;
        }

        return true;
    }

    private async ValueTask DispatchAsync(StreamEntry entry)
    {
        if (!_adapters.TryGetValue(entry.Nsp, out var adapter))
        {
            _last = entry.Id;
            return;
        }

        try
        {
            if (entry.Uid == adapter.ServerUid)
            {
                await DispatchOwnAsync(entry);
            }
            else if (IsNew(entry))
            {
                await adapter.OnEntryAsync(entry);
            }
        }
        catch (Exception exception) when (WireExceptions.IsMalformed(exception))
        {
            RedisLog.MessageInvalid(_context.Logger, exception, _name);
        }

        _last = entry.Id;
    }

    private async ValueTask DispatchOwnAsync(StreamEntry entry)
    {
        OutgoingEntry? own;
        lock (_gate)
        {
            if (entry.Number is not { } number || !_own.Remove(number, out own))
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

    private void OnReadingFailed()
    {
        lock (_gate)
        {
            _isReading = false;
        }

        _writer.Doubt();
        DeliverOwn();
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
                await entry.Adapter.DeliverEarlyAsync(entry.Message);
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
