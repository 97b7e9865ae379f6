namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>A request that waits for a known number of answers.</summary>
internal sealed class PendingRequest(int expected, Action<ClusterMessage> onResponse)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _received;

    public int Expected => expected;

    public int Received => _received;

    public Task Task => _done.Task;

    public void Add(ClusterMessage response)
    {
        lock (_gate)
        {
            onResponse(response);
            if (++_received < expected)
            {
                return;
            }
        }

        _done.TrySetResult();
    }
}
