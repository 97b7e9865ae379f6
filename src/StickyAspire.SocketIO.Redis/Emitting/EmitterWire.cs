using StackExchange.Redis;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.Sharded;
using StickyAspire.SocketIO.Redis.Streams;
using StickyAspire.SocketIO.Redis.Wire;
using StickyAspire.SocketIO.Serialization;
using StreamEntry = StickyAspire.SocketIO.Redis.Streams.StreamEntry;

namespace StickyAspire.SocketIO.Redis.Emitting;

/// <summary>An emitter's messages on their way, in the servers' mode.</summary>
internal sealed class EmitterWire(RedisConnection redis, RedisAdapterOptions options, SocketIOSerializer serializer) : IAsyncDisposable
{
    /// <summary>What emitters call themselves; every server acts on what they say.</summary>
    private const string Uid = "emitter";

    public SocketIOPacket CreateEvent(string nsp, string eventName, object?[] arguments) => serializer.CreatePacket(SocketIOPacketType.Event, nsp, null, eventName, arguments);

    public ValueTask SendAsync(string nsp, ClusterMessage message)
    {
        var signed = message with { Uid = Uid };
        return options.Mode switch
        {
            RedisAdapterMode.Streams => AppendAsync(nsp, signed),
            RedisAdapterMode.Sharded => redis.PublishAsync(
                RedisChannel.Sharded(RoomChannels.GetName(options, nsp, signed)), EnvelopeMessage.Encode(signed, nsp, alwaysMessagePack: false)),
            _ => PublishAsync(nsp, signed),
        };
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private async ValueTask AppendAsync(string nsp, ClusterMessage message)
    {
        var connection = await redis.GetAsync();
        await connection.GetDatabase().StreamAddAsync(
            RedisStreams.GetName(nsp, options.StreamName, options.StreamCount), StreamEntry.Encode(message, nsp, number: null),
            maxLength: options.StreamMaxLength, useApproximateMaxLength: true);
    }

    private ValueTask PublishAsync(string nsp, ClusterMessage message)
    {
        if (message.Type != ClusterMessageType.Broadcast)
        {
            return redis.PublishAsync(RedisChannel.Literal($"{options.ChannelPrefix}-request#{nsp}#"), ClassicRequest.EncodeRequest(message, nsp));
        }

        var channel = $"{options.ChannelPrefix}#{nsp}#";
        return redis.PublishAsync(
            RedisChannel.Literal(message.Options.Rooms is [var room] ? $"{channel}{room}#" : channel), ClassicMessage.Encode(message.Uid, message.Packet!, message.Options));
    }
}
