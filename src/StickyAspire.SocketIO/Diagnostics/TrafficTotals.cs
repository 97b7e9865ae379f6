using System.Collections.Concurrent;

namespace StickyAspire.SocketIO.Diagnostics;

/// <summary>What has come and gone since it was last asked for. Kept only where somebody asks.</summary>
internal sealed class TrafficTotals
{
    private readonly ConcurrentDictionary<string, long> _closed = new(StringComparer.Ordinal);
    private long _opened;
    private long _packetsIn;
    private long _packetsOut;
    private long _bytesIn;
    private long _bytesOut;

    public void Opened() => Interlocked.Increment(ref _opened);

    public void Closed(string reason) => _closed.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    public void Received(int bytes)
    {
        Interlocked.Increment(ref _packetsIn);
        Interlocked.Add(ref _bytesIn, bytes);
    }

    public void Sent(int bytes)
    {
        Interlocked.Increment(ref _packetsOut);
        Interlocked.Add(ref _bytesOut, bytes);
    }

    /// <summary>The counts since the last call, in the words of <c>@socket.io/admin-ui</c>.</summary>
    public IEnumerable<(string Type, string? SubType, long Count)> Take()
    {
        yield return ("rawConnection", null, Interlocked.Exchange(ref _opened, 0));
        yield return ("packetsIn", null, Interlocked.Exchange(ref _packetsIn, 0));
        yield return ("packetsOut", null, Interlocked.Exchange(ref _packetsOut, 0));
        yield return ("bytesIn", null, Interlocked.Exchange(ref _bytesIn, 0));
        yield return ("bytesOut", null, Interlocked.Exchange(ref _bytesOut, 0));
        foreach (var reason in _closed.Keys)
        {
            if (_closed.TryRemove(reason, out var count))
            {
                yield return ("rawDisconnection", reason, count);
            }
        }
    }
}
