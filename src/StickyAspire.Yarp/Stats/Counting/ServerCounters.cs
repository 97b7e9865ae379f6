namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>One server of a cluster.</summary>
internal sealed class ServerCounters(string id) : SessionCounters
{
    private long _connections;

    public string Id => id;

    /// <summary>Connections opened to it, which requests then share.</summary>
    public long Connections => Volatile.Read(ref _connections);

    public void AddConnection(double milliseconds)
    {
        Interlocked.Increment(ref _connections);
        AddConnectTime(milliseconds);
    }
}
