namespace StickyAspire.SocketIO.Redis;

/// <summary>By which of Redis' means servers reach each other. The same on all servers of a cluster: the modes do not hear each other.</summary>
public enum RedisAdapterMode
{
    /// <summary>Publish and subscribe, on the wire as <c>createAdapter</c> of Node's <c>@socket.io/redis-adapter</c> 8.3. Any Redis, and Garnet.</summary>
    PubSub,

    /// <summary>Sharded publish and subscribe (<c>SPUBLISH</c>, Redis 7 and later), on the wire as <c>createShardedAdapter</c> of Node's <c>@socket.io/redis-adapter</c> 8.3.</summary>
    Sharded,

    /// <summary>
    /// Streams (Redis 5 and later), on the wire as Node's <c>@socket.io/redis-streams-adapter</c> 0.3. Every broadcast has its place in one order, a server that lost Redis for a while
    /// resumes where it stopped, and sessions can be recovered on any server.
    /// </summary>
    Streams,
}
