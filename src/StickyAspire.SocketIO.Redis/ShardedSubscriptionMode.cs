namespace StickyAspire.SocketIO.Redis;

/// <summary>Which channels <see cref="RedisAdapterMode.Sharded"/> uses: Node's <c>subscriptionMode</c>. The same on all servers of a cluster.</summary>
public enum ShardedSubscriptionMode
{
    /// <summary>Two for each namespace, whatever the number of rooms: every server hears every broadcast. Node's <c>static</c>.</summary>
    Static,

    /// <summary>One more for each public room: a server hears a room's broadcasts while it has a socket in it. Node's <c>dynamic</c>.</summary>
    Dynamic,

    /// <summary>One more for each room, the sockets' own rooms included. Node's <c>dynamic-private</c>.</summary>
    DynamicPrivate,
}
