using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Writes this server's entries to a stream in the order in which they were given. What Redis has not confirmed is kept, up to a limit, and written again when Redis is back, and so is what Redis had confirmed
/// last and has forgotten: it was killed before others read it, or a replica took its place. Readers tell by its number what came twice.
/// </summary>
/// <param name="context">The connection, and the stream's length.</param>
/// <param name="name">The stream's key.</param>
/// <param name="onFailed">Called when Redis does not take entries, until it does again.</param>
internal sealed class StreamWriter(RedisAdapterContext context, string name, Action onFailed)
{
    /// <summary>How many entries Redis is asked for in one go.</summary>
    private const int CheckBatch = 100;

    private readonly Lock _gate = new();
    private readonly Outbox _outbox = new();
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
            // While Redis works nothing is kept from it: then it is the callers, who wait for the delivery, that keep the number down.
            if (_isFailing && _outbox.IsFullFor(entry))
            {
                context.Metrics.Lost();
                if (!_isFull)
                {
                    _isFull = true;
                    RedisLog.OutboxFull(context.Logger, Outbox.MaxWaiting, Outbox.MaxWaitingBytes);
                }

                return;
            }

            node = _outbox.Add(entry);
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

    /// <summary>Redis may have been away: new entries wait until it has been seen to have those before.</summary>
    public void Doubt()
    {
        if (SetFailing())
        {
            _ = RetryAsync();
        }
    }

    private Task<RedisValue> StartWriting(OutgoingEntry entry)
    {
        var connection = context.Redis.GetAsync();
        return connection.IsCompletedSuccessfully ? AppendAsync(connection.Result, entry) : Task.FromException<RedisValue>(new RedisConnectionException(ConnectionFailureType.UnableToConnect, "Redis is not connected yet."));
    }

    /// <summary>Gives an entry to Redis, marked if Redis may have it. One that never left, since the connection was lost, counts as not given.</summary>
    private async Task<RedisValue> AppendAsync(ConnectionMultiplexer connection, OutgoingEntry entry)
    {
        NameValueEntry[] fields;
        lock (_gate)
        {
            fields = entry.Attempts++ == 0 ? entry.Fields : entry.FieldsAgain;
        }

        try
        {
            return await connection.GetDatabase().StreamAddAsync(name, fields, maxLength: context.Options.StreamMaxLength, useApproximateMaxLength: true);
        }
        catch (RedisConnectionException exception) when (exception.CommandStatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog)
        {
            lock (_gate)
            {
                entry.Attempts--;
            }

            throw;
        }
    }

    private async Task ConfirmAsync(Task<RedisValue> writing, LinkedListNode<OutgoingEntry> node)
    {
        try
        {
            Confirm(node, await writing);
            return;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            RedisLog.PublishFailed(context.Logger, exception, node.Value.Adapter.NamespaceName);
        }

        if (SetFailing())
        {
            onFailed();
            await RetryAsync();
        }
    }

    private void Confirm(LinkedListNode<OutgoingEntry> node, RedisValue place)
    {
        _ = StreamId.TryParse(place, out var id);
        lock (_gate)
        {
            _outbox.Confirm(node, id);
        }
    }

    private bool SetFailing()
    {
        lock (_gate)
        {
            return !_isFailing && (_isFailing = true);
        }
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
                await ReturnForgottenAsync(connection.GetDatabase());
                while (TryGetFirst(out var node))
                {
                    Confirm(node, await AppendAsync(connection, node.Value));
                    backoff.Reset();
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

    /// <summary>Looks which of the last confirmed entries are not there any more, back to the first that is.</summary>
    private async Task ReturnForgottenAsync(IDatabase database)
    {
        OutgoingEntry[] confirmed;
        lock (_gate)
        {
            confirmed = _outbox.GetConfirmed();
        }

        var forgotten = new List<OutgoingEntry>();
        foreach (var some in confirmed.Chunk(CheckBatch))
        {
            var found = await Task.WhenAll(some.Select(entry => database.StreamRangeAsync(name, entry.Place.ToString(), entry.Place.ToString(), count: 1)));
            forgotten.AddRange(some.TakeWhile((_, i) => found[i].Length == 0));
            if (found.Any(entries => entries.Length > 0))
            {
                break;
            }
        }

        if (forgotten.Count == 0)
        {
            return;
        }

        if ((await StreamState.ReadAsync(database, name)).HasTrimmed(forgotten[0].Place, context.Options.StreamMaxLength))
        {
            // Not forgotten: others have written so much since that the stream let go of them.
            return;
        }

        RedisLog.EntriesForgotten(context.Logger, forgotten.Count, name);
        lock (_gate)
        {
            _outbox.Return(forgotten);
        }
    }

    /// <summary>The oldest entry that waits. False, and entries are written at once again, where there is none.</summary>
    private bool TryGetFirst(out LinkedListNode<OutgoingEntry> node)
    {
        lock (_gate)
        {
            if (_outbox.First is { } first)
            {
                node = first;
                return true;
            }

            _isFailing = false;
            _isFull = false;
            node = null!;
            return false;
        }
    }
}
