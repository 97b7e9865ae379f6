using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.SocketIO.Redis;

/// <summary>Options of the Redis adapters. The names and defaults are those of Node's adapters.</summary>
public sealed class RedisAdapterOptions
{
    private const string ComparedByGeneratedCode = "RedisAdapterOptionsValidator compares without a type converter.";

    /// <summary>By which of Redis' means servers reach each other. Default <see cref="RedisAdapterMode.PubSub"/>.</summary>
    [EnumDataType(typeof(RedisAdapterMode))]
    public RedisAdapterMode Mode { get; set; } = RedisAdapterMode.PubSub;

    /// <summary>What every channel's name begins with: Node's <c>key</c> or <c>channelPrefix</c>. Default <c>socket.io</c>. The same on all servers of a cluster.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ChannelPrefix { get; set; } = "socket.io";

    /// <summary>How long other servers may take to answer, from the call on: Node's <c>requestsTimeout</c>. Default 5 seconds, at least 1 millisecond, at most 10 minutes.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = ComparedByGeneratedCode)]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan RequestsTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <see cref="RedisAdapterMode.PubSub"/>: whether answers go to a channel of the server that asked, rather than to one that all hear: Node's
    /// <c>publishOnSpecificResponseChannel</c>. Servers of both settings understand each other. Default false.
    /// </summary>
    public bool PublishOnSpecificResponseChannel { get; set; }

    /// <summary><see cref="RedisAdapterMode.Sharded"/>: which channels there are: Node's <c>subscriptionMode</c>. Default <see cref="ShardedSubscriptionMode.Dynamic"/>.</summary>
    [EnumDataType(typeof(ShardedSubscriptionMode))]
    public ShardedSubscriptionMode SubscriptionMode { get; set; } = ShardedSubscriptionMode.Dynamic;

    /// <summary><see cref="RedisAdapterMode.Streams"/>: the stream's key: Node's <c>streamName</c>. Default <c>socket.io</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string StreamName { get; set; } = "socket.io";

    /// <summary><see cref="RedisAdapterMode.Streams"/>: over how many streams namespaces are spread: Node's <c>streamCount</c>. Default 1, at most 1,000.</summary>
    [Range(1, 1_000)]
    public int StreamCount { get; set; } = 1;

    /// <summary>
    /// <see cref="RedisAdapterMode.Streams"/>: how many entries a stream keeps, about: Node's <c>maxLen</c>. Default 10,000. A client that missed more is not recovered,
    /// and a server that lost Redis for longer than so many broadcasts has missed some.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int StreamMaxLength { get; set; } = 10_000;

    /// <summary><see cref="RedisAdapterMode.Streams"/>: how many entries are read at a time: Node's <c>readCount</c>. Default 100.</summary>
    [Range(1, 100_000)]
    public int StreamReadCount { get; set; } = 100;

    /// <summary><see cref="RedisAdapterMode.Streams"/>: how long one read waits for entries: Node's <c>blockTimeInMs</c>. Default 5 seconds.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = ComparedByGeneratedCode)]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan StreamBlockTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><see cref="RedisAdapterMode.Streams"/>: whether requests and answers use sharded publish and subscribe (Redis 7): Node's <c>useShardedPubSub</c>. Default false.</summary>
    public bool UseShardedPubSub { get; set; }

    /// <summary><see cref="RedisAdapterMode.Streams"/>: what the keys of sessions to be recovered begin with: Node's <c>sessionKeyPrefix</c>. Default <c>sio:session:</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string SessionKeyPrefix { get; set; } = "sio:session:";
}
