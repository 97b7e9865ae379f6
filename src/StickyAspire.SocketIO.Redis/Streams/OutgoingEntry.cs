using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>An entry that this server writes, from the call to its delivery here. Guarded by its stream.</summary>
internal sealed class OutgoingEntry(RedisStreamsAdapter adapter, ClusterMessage message, long number)
{
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RedisStreamsAdapter Adapter => adapter;

    public ClusterMessage Message => message;

    public long Number => number;

    public NameValueEntry[] Fields { get; } = StreamEntry.Encode(message, adapter.NamespaceName, number);

    /// <summary>Whether this server's sockets have it, or somebody is about to give it to them.</summary>
    public bool IsDelivered { get; set; }

    /// <summary>Complete when this server's sockets have it.</summary>
    public Task Delivered => _delivered.Task;

    public void SetDelivered() => _delivered.TrySetResult();
}
