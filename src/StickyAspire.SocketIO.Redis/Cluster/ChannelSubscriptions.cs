using System.Collections.Concurrent;
using System.Threading.Channels;
using StackExchange.Redis;
using StickyAspire.SocketIO.Engine;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>
/// One namespace's subscriptions. Asked for until Redis grants them, then kept: StackExchange.Redis subscribes again by itself after an outage, unless its connection is given up for another. Each is a queue, whose messages are handled one
/// after another, since plain handlers are called on several threads at once and so out of order.
/// </summary>
#pragma warning disable CA1001 // A CancellationTokenSource without a timer or a link holds nothing to dispose of.
internal sealed class ChannelSubscriptions(RedisAdapterContext context, string nsp)
#pragma warning restore CA1001
{
    /// <summary>How many messages are handled before what they gave rise to is sent.</summary>
    private const int MaxBurst = 64;

    private readonly ConcurrentDictionary<RedisChannel, ChannelMessageQueue> _queues = new();
    private readonly CancellationTokenSource _closed = new();

    public async ValueTask AddAsync(RedisChannel channel, Func<ChannelMessage, Task> handleAsync)
    {
        var backoff = new Backoff();
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                var subscriber = await context.Redis.GetSubscriberAsync(channel);
                var queue = await subscriber.SubscribeAsync(channel);
                _queues[channel] = queue;
                _ = ReadAsync(channel, queue, handleAsync);
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
            {
                // Disposed of: the connection was given up while we subscribed. The next one is another.
                var delay = backoff.Next();
                RedisLog.SubscribeFailed(context.Logger, exception, nsp, delay);
                await Task.Delay(delay, context.TimeProvider, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public async ValueTask RemoveAsync(RedisChannel channel)
    {
        if (_queues.TryRemove(channel, out var queue))
        {
            await queue.UnsubscribeAsync(CommandFlags.FireAndForget);
        }
    }

    public async ValueTask CloseAsync()
    {
        await _closed.CancelAsync();
        foreach (var queue in _queues.Values)
        {
            queue.Unsubscribe(CommandFlags.FireAndForget);
        }
    }

    private async Task ReadAsync(RedisChannel channel, ChannelMessageQueue queue, Func<ChannelMessage, Task> handleAsync)
    {
        try
        {
            while (true)
            {
                var message = await queue.ReadAsync(_closed.Token);
                if (HandleBurst(queue, message, handleAsync) is { } unfinished)
                {
                    await unfinished;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Closed.
        }
        catch (ChannelClosedException)
        {
            // Unsubscribed, unless it is still here: then its connection has been given up, and another takes its place.
            if (_queues.TryRemove(KeyValuePair.Create(channel, queue)))
            {
                await AddAsync(channel, handleAsync);
            }
        }
    }

    /// <summary>Handles all that is there, and only then has it sent: a client that several of the messages are for gets them in one write.</summary>
    /// <returns>What is to be awaited before the next message, or null.</returns>
    private Task? HandleBurst(ChannelMessageQueue queue, ChannelMessage message, Func<ChannelMessage, Task> handleAsync)
    {
        OutboundBatch.Begin();
        try
        {
            for (var count = 1; ; count++)
            {
                var task = GuardAsync(message, handleAsync);
                if (!task.IsCompletedSuccessfully)
                {
                    return task;
                }

                if (count == MaxBurst || !queue.TryRead(out message))
                {
                    return null;
                }
            }
        }
        finally
        {
            OutboundBatch.End();
        }
    }

    private async Task GuardAsync(ChannelMessage message, Func<ChannelMessage, Task> handleAsync)
    {
        try
        {
            await handleAsync(message);
        }
#pragma warning disable CA1031 // Whatever is wrong with a message, or comes of it, the next one is due.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RedisLog.MessageInvalid(context.Logger, exception, (string?)message.Channel ?? "");
        }
    }
}
