using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MessagePack;
using StackExchange.Redis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Wire;

namespace StickyAspire.SocketIO.Redis;

/// <summary>
/// Fans broadcasts out by Redis' publish and subscribe, on the channels and in the format of Node's <c>@socket.io/redis-adapter</c> 8.3.
/// Every server publishes what it emits, delivers to its own clients without waiting for Redis, and passes over what it hears of itself.
/// </summary>
#pragma warning disable CA1001 // CloseAsync disposes of what there is to dispose of.
internal sealed class RedisPubSubAdapter : SocketIOAdapter
#pragma warning restore CA1001
{
    private static readonly TimeSpan SubscribeRetryDelay = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _redis;
    private readonly TimeProvider _timeProvider;
    private readonly string _uid = CreateUid();
    private readonly string _channel;
    private readonly byte[] _channelBytes;
    private readonly CancellationTokenSource _closed = new();
    private ChannelMessageQueue? _messages;

    public RedisPubSubAdapter(ISocketIOAdapterHost host, RedisConnection redis, RedisAdapterOptions options, TimeProvider timeProvider)
        : base(host)
    {
        _redis = redis;
        _timeProvider = timeProvider;
        _channel = $"{options.ChannelPrefix}#{host.Name}#";
        _channelBytes = Encoding.UTF8.GetBytes(_channel);
    }

    public override async ValueTask InitializeAsync()
    {
        var connection = await _redis.GetAsync();

        // One pattern for all rooms, unescaped as Node has it.
        var pattern = RedisChannel.Pattern(_channel + "*");
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                // By a queue, since plain handlers are called on several threads at once, and so out of order.
                _messages = await connection.GetSubscriber().SubscribeAsync(pattern);
                _messages.OnMessage(OnMessageAsync);
                return;
            }
            catch (RedisException exception)
            {
                RedisLog.SubscribeFailed(_redis.Logger, exception, Host.Name, SubscribeRetryDelay);
                await Task.Delay(SubscribeRetryDelay, _timeProvider, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override async ValueTask CloseAsync()
    {
        await _closed.CancelAsync();
        _messages?.Unsubscribe(CommandFlags.FireAndForget);
        _closed.Dispose();
    }

    public override async ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        var local = base.BroadcastAsync(packet, options);
        if (!options.IsLocal)
        {
            await PublishAsync(packet, options);
        }

        await local;
    }

    private async ValueTask PublishAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        // With a single room its name goes into the channel, so that a server without it need not decode the message.
        var channel = options.Rooms is [var room] ? $"{_channel}{room}#" : _channel;
        try
        {
            var connection = await _redis.GetAsync();
            await connection.GetSubscriber().PublishAsync(RedisChannel.Literal(channel), ClassicMessage.Encode(_uid, packet, options));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            RedisLog.PublishFailed(_redis.Logger, exception, Host.Name);
        }
    }

    private async Task OnMessageAsync(ChannelMessage message)
    {
        if (!ConcernsUs((byte[])message.Channel!))
        {
            return;
        }

        try
        {
            if (ClassicMessage.Decode((byte[])message.Message!, _uid, Host.Name) is var (packet, options))
            {
                await base.BroadcastAsync(packet, options);
            }
        }
        catch (Exception exception) when (exception is MessagePackSerializationException or EndOfStreamException or InvalidOperationException or OverflowException)
        {
            RedisLog.MessageInvalid(_redis.Logger, exception, _channel);
        }
    }

    /// <summary>Whether the channel is this namespace's, and the room in its name, if any, one with sockets of this server in it.</summary>
    private bool ConcernsUs(byte[] channel)
    {
        if (!channel.AsSpan().StartsWith(_channelBytes))
        {
            return false;
        }

        var room = channel.AsSpan(_channelBytes.Length);
        return room.IsEmpty || HasRoom(Encoding.UTF8.GetString(room[..^1]));
    }

    /// <summary>Six characters of <c>A-Z a-z 0-9 - _</c>, as Node's adapters call themselves.</summary>
    private static string CreateUid() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(5))[..6];
}
