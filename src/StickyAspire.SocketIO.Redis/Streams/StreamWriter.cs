using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Writes this server's entries to a stream in the order in which they were given. What Redis has not confirmed is kept, up to a limit, and written again when Redis is back; readers tell by its number what came twice.
/// </summary>
/// <param name="context">The connection, and the stream's length.</param>
/// <param name="name">The stream's key.</param>
/// <param name="onFailed">Called when Redis does not take entries, until it does again.</param>
internal sealed class StreamWriter(RedisAdapterContext context, string name, Action onFailed)
{
    /// <summary>The most entries that wait for Redis. More reach this server's clients only, and are counted as lost.</summary>
    private const int MaxWaiting = 10_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<OutgoingEntry> _unconfirmed = [];
    private bool _isFailing;
    private bool _isFull;

    /// <summary>Whether Redis takes entries, as far as is known.</summary>
    public bool IsWorking => !_isFailing;

    public void Write(OutgoingEntry entry)
    {
        Task<RedisValue>? writing = null;
        LinkedListNode<OutgoingEntry> node;
        lock (_gate)
        {
            if (_unconfirmed.Count >= MaxWaiting)
            {
                context.Metrics.Lost();
                if (!_isFull)
                {
                    _isFull = true;
                    RedisLog.OutboxFull(context.Logger, MaxWaiting);
                }

                return;
            }

            node = _unconfirmed.AddLast(entry);
            if (!_isFailing)
            {
                // Under the lock, so that commands are in the order of the numbers. It only puts the command into the connection's queue.
                writing = StartWriting(entry);
            }
        }

        if (writing is not null)
        {
            _ = ConfirmAsync(writing, node);
        }
    }

    private Task<RedisValue>? StartWriting(OutgoingEntry entry)
    {
        var connection = context.Redis.GetAsync();
        return connection.IsCompletedSuccessfully ? AppendAsync(connection.Result, entry) : Task.FromException<RedisValue>(new RedisConnectionException(ConnectionFailureType.UnableToConnect, "Redis is not connected yet."));
    }

    private Task<RedisValue> AppendAsync(ConnectionMultiplexer connection, OutgoingEntry entry) =>
        connection.GetDatabase().StreamAddAsync(name, entry.Fields, maxLength: context.Options.StreamMaxLength, useApproximateMaxLength: true);

    private async Task ConfirmAsync(Task<RedisValue> writing, LinkedListNode<OutgoingEntry> node)
    {
        try
        {
            await writing;
            lock (_gate)
            {
                // A retry may have been quicker.
                if (node.List is not null)
                {
                    _unconfirmed.Remove(node);
                }
            }

            return;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            RedisLog.PublishFailed(context.Logger, exception, node.Value.Adapter.NamespaceName);
        }

        lock (_gate)
        {
            if (_isFailing)
            {
                return;
            }

            _isFailing = true;
        }

        onFailed();
        await RetryAsync();
    }

    private async Task RetryAsync()
    {
        var backoff = new Backoff();
        while (true)
        {
            await Task.Delay(backoff.Next(), context.TimeProvider);
            try
            {
                var connection = await context.Redis.GetAsync();
                while (TryGetFirst(out var entry))
                {
                    await AppendAsync(connection, entry);
                    backoff.Reset();
                    lock (_gate)
                    {
                        _unconfirmed.Remove(entry);
                    }
                }

                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Later.
            }
        }
    }

    /// <summary>The oldest entry that waits. False, and entries are written at once again, where there is none.</summary>
    private bool TryGetFirst(out OutgoingEntry entry)
    {
        lock (_gate)
        {
            if (_unconfirmed.First is { } first)
            {
                entry = first.Value;
                return true;
            }

            _isFailing = false;
            _isFull = false;
            entry = null!;
            return false;
        }
    }
}
