using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Sharded;

/// <summary>Which channel a message of the sharded mode goes by.</summary>
internal static class RoomChannels
{
    /// <summary>A name of that length is taken for a socket's id, by Node's servers and so by us.</summary>
    private const int SocketIdLength = 20;

    /// <summary>A room's own channel, for a broadcast to that room alone where it has one; else the namespace's.</summary>
    public static string GetName(RedisAdapterOptions options, string nsp, ClusterMessage message)
    {
        var channel = $"{options.ChannelPrefix}#{nsp}#";
        return message is { Type: ClusterMessageType.Broadcast, RequestId: null, Options.Rooms: [var room] } && HasChannel(options.SubscriptionMode, room) ? $"{channel}{room}#" : channel;
    }

    /// <summary>Whether a room's broadcasts go by a channel of its own. A sender knows a private room by the length of its name alone.</summary>
    private static bool HasChannel(ShardedSubscriptionMode mode, string room) =>
        mode == ShardedSubscriptionMode.DynamicPrivate || (mode == ShardedSubscriptionMode.Dynamic && room.Length != SocketIdLength);
}
