using System.Collections.Concurrent;
using System.Text.Json;
using StackExchange.Redis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Sessions in Redis: written when they begin and whenever they change, and kept from expiring while this server has them. Each record names its server; one that has passed to another server is not written over.
/// </summary>
internal sealed class SessionStore
{
    private const int MaxPidLength = 64;

    /// <summary>How many records are refreshed at a time, so that thousands of them are no burst.</summary>
    private const int RefreshBatch = 256;

    /// <summary>Writes the record unless it is another server's. One that is gone, with all of Redis perhaps, is written anew.</summary>
    private const string SetScript =
        """
        local current = redis.call('GET', KEYS[1])
        if current and string.sub(current, 1, string.len(ARGV[1])) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    private const string DeleteScript =
        """
        local current = redis.call('GET', KEYS[1])
        if current and string.sub(current, 1, string.len(ARGV[1])) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """;

    /// <summary>The most sessions of clients that went while Redis was away.</summary>
    private const int MaxDue = 10_000;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(3);

    private readonly RedisAdapterContext _context;
    private readonly string _owner;
    private readonly string _ownerPrefix;
    private readonly TimeSpan _duration;
    private readonly TimeSpan _refreshInterval;
    private readonly Action<string> _onTaken;
    private readonly Action<string> _onLost;
    private readonly ITimer _timer;
    private readonly Backoff _backoff = new();
    private int _isRefreshDue;

    /// <summary>The sockets whose sessions this server keeps, by the sessions' secrets.</summary>
    private readonly ConcurrentDictionary<string, string> _live = new(StringComparer.Ordinal);

    /// <summary>Those of them whose last state could not be written.</summary>
    private readonly ConcurrentDictionary<string, string> _stale = new(StringComparer.Ordinal);

    /// <summary>What is yet to be written, or deleted where it is null, of sessions whose clients went while Redis was away.</summary>
    private readonly ConcurrentDictionary<string, string?> _due = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _writing = new();

    /// <param name="context">The connection, and what keys begin with.</param>
    /// <param name="options">How long sessions last.</param>
    /// <param name="owner">This server, in 16 digits.</param>
    /// <param name="onTaken">Called with a socket whose session is another server's now.</param>
    /// <param name="onLost">Called with a socket whose session must be kept again.</param>
    public SessionStore(RedisAdapterContext context, ConnectionStateRecoveryOptions options, string owner, Action<string> onTaken, Action<string> onLost)
    {
        _context = context;
        _owner = owner;
        _ownerPrefix = SessionRecord.GetOwnerPrefix(owner);
        _duration = options.MaxDisconnectionDuration;
        _refreshInterval = TimeSpan.FromTicks(Math.Clamp(_duration.Ticks / 2, TimeSpan.FromMilliseconds(500).Ticks, TimeSpan.FromMinutes(1).Ticks));
        _onTaken = onTaken;
        _onLost = onLost;
        _timer = context.TimeProvider.CreateTimer(static store => _ = ((SessionStore)store!).RefreshAsync(), this, _refreshInterval, _refreshInterval);
        context.Redis.Restored += RefreshSoon;
    }

    /// <summary>A record outlives its server's last sign of life by the full duration.</summary>
    private TimeSpan LiveDuration => _duration + (_refreshInterval * 2);

    /// <summary>Writes a session that lives here.</summary>
    public async ValueTask KeepAsync(RecoverableSession session, JsonElement data)
    {
        var record = SessionRecord.Encode(session, data, _owner);
        try
        {
            var database = (await _context.Redis.GetAsync()).GetDatabase();
            if (_live.TryAdd(session.Pid, session.Id))
            {
                // It has just begun here, or has just been taken over: whatever is there is not right any more.
                await database.StringSetAsync(Key(session.Pid), record, LiveDuration);
            }
            else if (!await SetAsync(database, session.Pid, record, LiveDuration))
            {
                _live.TryRemove(session.Pid, out _);
                _onTaken(session.Id);
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Written again with the next refresh that Redis is there for: it will not find the record, or an old one, which is kept as well as can be.
            _live.TryAdd(session.Pid, session.Id);
            _stale[session.Pid] = session.Id;
            RedisLog.SessionNotKept(_context.Logger, exception);
            RefreshSoon();
        }
    }

    /// <summary>Writes a session whose client has gone, perhaps to come back.</summary>
    public ValueTask PersistAsync(RecoverableSession session, JsonElement data)
    {
        Forget(session.Pid);
        return Track(WriteAsync(session.Pid, SessionRecord.Encode(session, data, _owner)));
    }

    /// <summary>Deletes a session that is over.</summary>
    public ValueTask ForgetAsync(string pid)
    {
        Forget(pid);
        return Track(WriteAsync(pid, record: null));
    }

    /// <summary>Takes a session for this server. Null where there is none; only one server gets it.</summary>
    public async Task<(RecoverableSession Session, bool IsElsewhere)?> TakeAsync(string pid)
    {
        if (pid.Length is 0 or > MaxPidLength)
        {
            return null;
        }

        var transaction = (await _context.Redis.GetAsync()).GetDatabase().CreateTransaction();
        var value = transaction.StringGetAsync(Key(pid));
        _ = transaction.KeyDeleteAsync(Key(pid));
        if (!await transaction.ExecuteAsync() || (string?)await value is not { } text)
        {
            return null;
        }

        try
        {
            return SessionRecord.Decode(text) is { } session ? (session, !text.StartsWith(_ownerPrefix, StringComparison.Ordinal)) : null;
        }
        catch (Exception exception) when (WireExceptions.IsMalformed(exception))
        {
            RedisLog.MessageInvalid(_context.Logger, exception, Key(pid)!);
            return null;
        }
    }

    /// <summary>Waits until what is being written is.</summary>
    public async ValueTask CloseAsync()
    {
        _context.Redis.Restored -= RefreshSoon;
        await _timer.DisposeAsync();
        await Task.WhenAll(_writing.Keys).WaitAsync(CloseTimeout, _context.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Writes or deletes the record of a session that lives no more; later, where Redis is away.</summary>
    private async Task WriteAsync(string pid, string? record)
    {
        try
        {
            var database = (await _context.Redis.GetAsync()).GetDatabase();
            if (record is null)
            {
                await database.ScriptEvaluateAsync(DeleteScript, [Key(pid)], [_ownerPrefix]);
            }
            else
            {
                await SetAsync(database, pid, record, _duration);
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            RedisLog.SessionNotKept(_context.Logger, exception);
            if (_due.Count < MaxDue)
            {
                _due[pid] = record;
            }
        }
    }

    private async Task<bool> SetAsync(IDatabase database, string pid, string record, TimeSpan duration) =>
        (long)await database.ScriptEvaluateAsync(SetScript, [Key(pid)], [_ownerPrefix, record, (long)duration.TotalMilliseconds]) == 1;

    private async ValueTask Track(Task writing)
    {
        _writing[writing] = true;
        try
        {
            await writing;
        }
        finally
        {
            _writing.TryRemove(writing, out _);
        }
    }

    private void Forget(string pid)
    {
        _live.TryRemove(pid, out _);
        _stale.TryRemove(pid, out _);
    }

    /// <returns>Whether Redis took it.</returns>
    private async Task<bool> RefreshAsync()
    {
        try
        {
            foreach (var pid in _due.Keys)
            {
                if (_due.TryRemove(pid, out var record))
                {
                    await WriteAsync(pid, record);
                }
            }

            var database = (await _context.Redis.GetAsync()).GetDatabase();
            foreach (var some in _live.Chunk(RefreshBatch))
            {
                var found = await Task.WhenAll(some.Select(session => database.KeyExpireAsync(Key(session.Key), LiveDuration)));
                for (var i = 0; i < some.Length; i++)
                {
                    if (!found[i] || _stale.TryRemove(some[i].Key, out _))
                    {
                        _onLost(some[i].Value);
                    }
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            RedisLog.SessionNotKept(_context.Logger, exception);
            return false;
        }
    }

    /// <summary>A Redis that comes back may be an empty one, and has not heard of what changed meanwhile.</summary>
    private void RefreshSoon()
    {
        if (Interlocked.Exchange(ref _isRefreshDue, 1) == 0)
        {
            _ = RefreshSoonAsync();
        }
    }

    private async Task RefreshSoonAsync()
    {
        await Task.Delay(_backoff.Next(), _context.TimeProvider);
        Volatile.Write(ref _isRefreshDue, 0);
        if (await RefreshAsync())
        {
            _backoff.Reset();
        }
    }

    private RedisKey Key(string pid) => _context.Options.SessionKeyPrefix + pid;
}
