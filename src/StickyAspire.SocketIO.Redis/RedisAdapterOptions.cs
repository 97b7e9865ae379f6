using System.ComponentModel.DataAnnotations;

namespace StickyAspire.SocketIO.Redis;

/// <summary>Options of the Redis adapter. The names and defaults are those of Node's <c>@socket.io/redis-adapter</c> 8.3.</summary>
public sealed class RedisAdapterOptions
{
    /// <summary>What every channel's name begins with: Node's <c>key</c>. Default <c>socket.io</c>. The same on all servers of a cluster.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ChannelPrefix { get; set; } = "socket.io";
}
