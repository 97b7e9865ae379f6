using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.Wire;

namespace StickyAspire.SocketIO.Redis.PubSub;

/// <summary>
/// Redis' publish and subscribe, on the channels and in the format of <c>createAdapter</c> of Node's <c>@socket.io/redis-adapter</c> 8.3.
/// Unlike there, joins and disconnects of this server's own sockets do not wait for Redis to echo them.
/// </summary>
internal sealed class RedisPubSubAdapter : ClusterAdapter
{
    private readonly string _channel;
    private readonly byte[] _channelBytes;
    private readonly string _requestChannel;
    private readonly byte[] _requestChannelBytes;
    private readonly string _responseChannel;
    private readonly ChannelSubscriptions _subscriptions;

    public RedisPubSubAdapter(ISocketIOAdapterHost host, RedisAdapterContext context)
        : base(host, context, CreateUid())
    {
        var prefix = context.Options.ChannelPrefix;
        _channel = $"{prefix}#{host.Name}#";
        _channelBytes = Encoding.UTF8.GetBytes(_channel);
        _requestChannel = $"{prefix}-request#{host.Name}#";
        _requestChannelBytes = Encoding.UTF8.GetBytes(_requestChannel);
        _responseChannel = $"{prefix}-response#{host.Name}#";
        _subscriptions = new ChannelSubscriptions(context, host.Name);
    }

    public override async ValueTask InitializeAsync()
    {
        await _subscriptions.AddAsync(new RedisChannel(ChannelPattern.Create(Context.Options.ChannelPrefix, Host.Name), RedisChannel.PatternMode.Pattern), OnMessageAsync);
        await _subscriptions.AddAsync(RedisChannel.Literal(_responseChannel), OnResponseAsync);
        await _subscriptions.AddAsync(RedisChannel.Literal($"{_responseChannel}{Uid}#"), OnResponseAsync);

        // What comes by it has come by the pattern; its subscribers are the servers, by Node's count and ours. Last: a server counts as one as soon as it hears requests.
        await _subscriptions.AddAsync(RedisChannel.Literal(_requestChannel), static _ => Task.CompletedTask);
    }

    public override ValueTask CloseAsync() => _subscriptions.CloseAsync();

    protected override async ValueTask PublishAsync(ClusterMessage message)
    {
        if (message is { Type: ClusterMessageType.Broadcast, RequestId: null })
        {
            // With a single room its name goes into the channel, so that a server without it need not decode the message.
            var channel = message.Options.Rooms is [var room] ? $"{_channel}{room}#" : _channel;
            await Context.Redis.PublishAsync(RedisChannel.Literal(channel), ClassicMessage.Encode(message.Uid, message.Packet!, message.Options));
        }
        else
        {
            await Context.Redis.PublishAsync(RedisChannel.Literal(_requestChannel), ClassicRequest.EncodeRequest(message, Host.Name));
        }
    }

    protected override ValueTask RespondAsync(string requesterUid, ClusterMessage response)
    {
        // Node gives the answers to server-side events to the common channel, whatever the setting.
        var isSpecific = Context.Options.PublishOnSpecificResponseChannel && response.Type != ClusterMessageType.ServerSideEmitResponse && requesterUid.Length > 0;
        return Context.Redis.PublishAsync(RedisChannel.Literal(isSpecific ? $"{_responseChannel}{requesterUid}#" : _responseChannel), ClassicRequest.EncodeResponse(response));
    }

    protected override Task<long> CountServersAsync() => Context.Redis.CountSubscribersAsync("NUMSUB", _requestChannel);

    protected override Task AskForRoomsAsync(HashSet<string> rooms) =>
        AskAsync(new ClusterMessage(ClusterMessageType.FetchRooms), response => rooms.UnionWith(response.Names), Context.Options.RequestsTimeout);

    protected override string DescribeTimeout(ClusterMessageType type, PendingRequest request) => type switch
    {
        ClusterMessageType.FetchSockets => "timeout reached while waiting for fetchSockets response",
        ClusterMessageType.FetchRooms => "timeout reached while waiting for allRooms response",
        _ => base.DescribeTimeout(type, request),
    };

    private async Task OnMessageAsync(ChannelMessage message)
    {
        var channel = (byte[])message.Channel!;
        var body = (byte[])message.Message!;
        if (channel.AsSpan().SequenceEqual(_requestChannelBytes))
        {
            if (ClassicRequest.DecodeRequest(body, Host.Name, Uid) is { } request)
            {
                await OnMessageAsync(request);
            }
        }
        else if (ConcernsUs(channel) && ClassicMessage.Decode(body, Uid, Host.Name) is var (packet, options))
        {
            await DeliverAsync(packet, options);
        }
    }

    private async Task OnResponseAsync(ChannelMessage message)
    {
        if (ClassicRequest.DecodeResponse((byte[])message.Message!, Host.Name) is { } response)
        {
            await OnMessageAsync(response);
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
