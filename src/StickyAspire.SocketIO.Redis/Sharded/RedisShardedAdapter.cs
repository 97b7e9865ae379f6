using System.Threading.Channels;
using StackExchange.Redis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.Wire;

namespace StickyAspire.SocketIO.Redis.Sharded;

/// <summary>
/// Redis 7's sharded publish and subscribe, on the channels and in the format of <c>createShardedAdapter</c> of Node's <c>@socket.io/redis-adapter</c> 8.3.
/// Unlike there, this server's clients do not wait for the publish.
/// </summary>
internal sealed class RedisShardedAdapter : ClusterAdapter
{
    private readonly string _channel;
    private readonly ChannelSubscriptions _subscriptions;

    /// <summary>Subscribing and unsubscribing, in the order in which rooms come and go.</summary>
    private readonly Channel<(string Room, bool Exists)> _changes = Channel.CreateUnbounded<(string Room, bool Exists)>(new UnboundedChannelOptions { SingleReader = true });

    public RedisShardedAdapter(ISocketIOAdapterHost host, RedisAdapterContext context)
        : base(host, context, CreateRequestId())
    {
        _channel = $"{context.Options.ChannelPrefix}#{host.Name}#";
        _subscriptions = new ChannelSubscriptions(context, host.Name);
    }

    private bool HasRoomChannels => Context.Options.SubscriptionMode != ShardedSubscriptionMode.Static;

    private bool HasPrivateChannels => Context.Options.SubscriptionMode == ShardedSubscriptionMode.DynamicPrivate;

    public override async ValueTask InitializeAsync()
    {
        // Answers first: a server counts as one as soon as it hears requests.
        await _subscriptions.AddAsync(RedisChannel.Sharded($"{_channel}{Uid}#"), OnMessageAsync);
        await _subscriptions.AddAsync(RedisChannel.Sharded(_channel), OnMessageAsync);
        if (HasRoomChannels)
        {
            _ = FollowRoomsAsync();
        }
    }

    public override ValueTask CloseAsync()
    {
        _changes.Writer.TryComplete();
        return _subscriptions.CloseAsync();
    }

    protected override void OnRoomCreated(string room)
    {
        if (HasRoomChannels && (HasPrivateChannels || !HasSocket(room)))
        {
            _changes.Writer.TryWrite((room, true));
        }
    }

    protected override void OnRoomDeleted(string room)
    {
        if (HasRoomChannels && !(HasPrivateChannels && HasSocket(room)))
        {
            _changes.Writer.TryWrite((room, false));
        }
    }

    protected internal override void OnSocketAdded(string socketId)
    {
        if (HasPrivateChannels)
        {
            _changes.Writer.TryWrite((socketId, true));
        }
    }

    protected internal override void OnSocketRemoved(string socketId)
    {
        if (HasPrivateChannels)
        {
            _changes.Writer.TryWrite((socketId, false));
        }
    }

    protected override ValueTask PublishAsync(ClusterMessage message) =>
        Context.Redis.PublishAsync(
            RedisChannel.Sharded(RoomChannels.GetName(Context.Options, Host.Name, message)), EnvelopeMessage.Encode(message, Host.Name, alwaysMessagePack: false));

    protected override ValueTask RespondAsync(string requesterUid, ClusterMessage response) =>
        Context.Redis.PublishAsync(RedisChannel.Sharded($"{_channel}{requesterUid}#"), EnvelopeMessage.Encode(response, Host.Name, alwaysMessagePack: false));

    protected override Task<long> CountServersAsync() => Context.Redis.CountSubscribersAsync("SHARDNUMSUB", _channel);

    private async Task OnMessageAsync(ChannelMessage message)
    {
        if (EnvelopeMessage.Decode((byte[])message.Message!, Host.Name, Uid) is { } decoded)
        {
            await OnMessageAsync(decoded);
        }
    }

    private async Task FollowRoomsAsync()
    {
        await foreach (var (room, exists) in _changes.Reader.ReadAllAsync())
        {
            var channel = RedisChannel.Sharded($"{_channel}{room}#");
            if (exists)
            {
                await _subscriptions.AddAsync(channel, OnMessageAsync);
            }
            else
            {
                await _subscriptions.RemoveAsync(channel);
            }
        }
    }
}
