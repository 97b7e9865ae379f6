using StackExchange.Redis;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>An entry that this server writes, from the call to its delivery here. Guarded by its stream.</summary>
internal sealed class OutgoingEntry
{
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OutgoingEntry(RedisStreamsAdapter adapter, ClusterMessage message, long number, long writtenAt)
    {
        WrittenAt = writtenAt;
        Adapter = adapter;
        Message = message;
        Number = number;
        Fields = StreamEntry.Encode(message, adapter.NamespaceName, number);
        foreach (var field in Fields)
        {
            Size += field.Value.Length();
        }
    }

    public RedisStreamsAdapter Adapter { get; }

    public ClusterMessage Message { get; }

    public long Number { get; }

    /// <summary>When it was given, as a timestamp.</summary>
    public long WrittenAt { get; }

    public NameValueEntry[] Fields { get; }

    /// <summary>Likewise, with the mark of an entry that is written again.</summary>
    public NameValueEntry[] FieldsAgain => [.. Fields, StreamEntry.AgainMark];

    /// <summary>The fields' bytes.</summary>
    public long Size { get; }

    /// <summary>How often it went out to Redis, and may have got there. Guarded by the writer.</summary>
    public int Attempts { get; set; }

    /// <summary>Where Redis has put it, once it has confirmed that. Guarded by the writer.</summary>
    public StreamId Place { get; set; }

    /// <summary>Complete when this server's sockets have it.</summary>
    public Task Delivered => _delivered.Task;

    public void SetDelivered() => _delivered.TrySetResult();

    public void SetFailed(Exception exception) => _delivered.TrySetException(exception);
}
