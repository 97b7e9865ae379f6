using System.Globalization;
using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>Reads a stream: on and on from its end at the start, and after an outage from where reading stopped; and parts of it for clients that come back.</summary>
/// <param name="context">The connections, and how much is read at a time.</param>
/// <param name="name">The stream's key.</param>
/// <param name="sink">Who gets what is read.</param>
internal sealed class StreamReader(RedisAdapterContext context, string name, IStreamSink sink)
{
    private StreamId? _last;
    private volatile bool _isReading;

    /// <summary>The place of the last entry handed on; null before the first.</summary>
    public StreamId? Last => _last is { } last && last > StreamId.Zero ? last : null;

    /// <summary>Whether what is written now will be read, as far as is known.</summary>
    public bool IsReading => _isReading;

    /// <summary>Reads until the connection is closed for good.</summary>
    public async Task RunAsync()
    {
        var backoff = new Backoff();
        while (true)
        {
            try
            {
                var connection = await context.Redis.OpenReaderAsync(name, context.Options.StreamBlockTime);
                await ReadAsync(connection.GetDatabase(), backoff);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or InvalidCastException)
            {
                _isReading = false;
                sink.OnReadingFailed();
                var delay = backoff.Next();
                RedisLog.ReadFailed(context.Logger, exception, name, delay);
                await Task.Delay(delay, context.TimeProvider);
            }
        }
    }

    /// <summary>Reads from one place to another, in order.</summary>
    public async Task<IReadOnlyList<StreamEntry>> ReadRangeAsync(StreamId from, StreamId? to, int count)
    {
        var connection = await context.Redis.GetAsync();
        var result = (RedisResult[]?)await connection.GetDatabase().ExecuteAsync(
            "XRANGE", (RedisKey)name, from.ToString(), to?.ToString() ?? "+", "COUNT", count.ToString(CultureInfo.InvariantCulture));
        return ReadEntries(result);
    }

    /// <summary>Reads backwards, the place's own entry first.</summary>
    public async Task<IReadOnlyList<StreamEntry>> ReadBackAsync(StreamId from, int count)
    {
        var connection = await context.Redis.GetAsync();
        return ReadEntries((RedisResult[]?)await connection.GetDatabase().ExecuteAsync(
            "XREVRANGE", (RedisKey)name, from.ToString(), "-", "COUNT", count.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Whether entries have gone from the stream's beginning.</summary>
    public async Task<bool> HasTrimmedAsync() =>
        (await StreamState.ReadAsync((await context.Redis.GetAsync()).GetDatabase(), name)).HasTrimmed(context.Options.StreamMaxLength);

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

        RedisLog.Reading(context.Logger, name, _last.ToString()!);

        // What has come since, without waiting; only then are own entries left to be read back.
        while (await ReadOnceAsync(database, block: false) > 0)
        {
        }

        backoff.Reset();
        _isReading = true;
        while (true)
        {
            if (await ReadOnceAsync(database, block: true) == context.Options.StreamReadCount)
            {
                // There is more than one read brings: this server may be so far behind that the stream's beginning overtakes it.
                await CheckContinuityAsync(database);
            }
        }
    }

    private async Task<StreamId> ReadEndAsync(IDatabase database)
    {
        var result = (RedisResult[]?)await database.ExecuteAsync("XREVRANGE", (RedisKey)name, "+", "-", "COUNT", "1");
        return result is [var entry] && (RedisResult[]?)entry is [var id, _] && StreamId.TryParse((string?)id, out var place) ? place : StreamId.Zero;
    }

    private async Task CheckContinuityAsync(IDatabase database)
    {
        if (Last is { } last && (await StreamState.ReadAsync(database, name)).HasTrimmed(last, context.Options.StreamMaxLength))
        {
            RedisLog.EventsMissed(context.Logger, name, last.ToString());
            sink.OnEventsMissed();
        }
    }

    /// <returns>How many entries there were.</returns>
    private async Task<int> ReadOnceAsync(IDatabase database, bool block)
    {
        var count = context.Options.StreamReadCount.ToString(CultureInfo.InvariantCulture);
        var last = (_last ?? StreamId.Zero).ToString();
        object[] arguments = block
            ? ["BLOCK", ((long)context.Options.StreamBlockTime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture), "COUNT", count, "STREAMS", (RedisKey)name, last]
            : ["COUNT", count, "STREAMS", (RedisKey)name, last];
        var result = await database.ExecuteAsync("XREAD", arguments);
        if (result.IsNull || (RedisResult[]?)result is not [var stream] || (RedisResult[]?)stream is not [_, var raw] || (RedisResult[]?)raw is not { Length: > 0 } items)
        {
            return 0;
        }

        foreach (var entry in ReadEntries(items))
        {
            await sink.OnEntryAsync(entry);
            _last = entry.Id;
        }

        // Entries that are none of ours move the place too.
        if ((RedisResult[]?)items[^1] is [var id, _] && StreamId.TryParse((string?)id, out var end))
        {
            _last = end;
        }

        return items.Length;
    }
}
