using System.Runtime.InteropServices;

namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>
/// What is counted of a frontend, a cluster or a server. Everything is written by many threads at once and without locks; what belongs to a request's beginning, its bytes and its end
/// lie on cache lines of their own, so that those that write the one do not wait for those that write the other.
/// </summary>
internal class SessionCounters
{
    private Beginnings _beginnings;
    private Traffic _traffic;
    private Endings _endings;

    public long Current => Volatile.Read(ref _beginnings.Current);

    public long Max => Volatile.Read(ref _beginnings.Max);

    public long Total => Volatile.Read(ref _beginnings.Total);

    public long RateMax => _beginnings.Rate.Max;

    public long BytesIn => Volatile.Read(ref _traffic.In);

    public long BytesOut => Volatile.Read(ref _traffic.Out);

    public long Denied => Volatile.Read(ref _endings.Denied);

    public long RequestErrors => Volatile.Read(ref _endings.RequestErrors);

    public long ConnectErrors => Volatile.Read(ref _endings.ConnectErrors);

    public long ResponseErrors => Volatile.Read(ref _endings.ResponseErrors);

    public long ClientAborts => Volatile.Read(ref _endings.ClientAborts);

    public long ServerAborts => Volatile.Read(ref _endings.ServerAborts);

    public long Retries => Volatile.Read(ref _endings.Retries);

    public long Redispatches => Volatile.Read(ref _endings.Redispatches);

    public long Balanced => Volatile.Read(ref _endings.Balanced);

    /// <summary>When the last session began, in milliseconds of the collector's clock; 0 for never.</summary>
    public long LastSession => Volatile.Read(ref _beginnings.Last);

    public RollingAverage QueueTime => _endings.QueueTime;

    public RollingAverage ConnectTime => _endings.ConnectTime;

    public RollingAverage ResponseTime => _endings.ResponseTime;

    public RollingAverage TotalTime => _endings.TotalTime;

    public long Rate(long milliseconds) => _beginnings.Rate.Read(milliseconds);

    public ResponseCounters Responses => _endings.Responses;

    public void Begin(long milliseconds)
    {
        Maximum.Raise(ref _beginnings.Max, Interlocked.Increment(ref _beginnings.Current));
        Interlocked.Increment(ref _beginnings.Total);
        Volatile.Write(ref _beginnings.Last, milliseconds);
        _beginnings.Rate.Add(milliseconds);
    }

    /// <summary>One that has ended for whoever reports it goes on all the same, until <see cref="End"/>.</summary>
    public void Continue() => Interlocked.Increment(ref _beginnings.Current);

    public void End() => Interlocked.Decrement(ref _beginnings.Current);

    public void AddBytesIn(long count) => Interlocked.Add(ref _traffic.In, count);

    public void AddBytesOut(long count) => Interlocked.Add(ref _traffic.Out, count);

    public void AddResponse(int statusCode) => _endings.Responses.Add(statusCode);

    public void AddQueueTime(double milliseconds) => _endings.QueueTime.Add(milliseconds);

    public void AddConnectTime(double milliseconds) => _endings.ConnectTime.Add(milliseconds);

    public void AddResponseTime(double milliseconds) => _endings.ResponseTime.Add(milliseconds);

    public void AddTotalTime(double milliseconds) => _endings.TotalTime.Add(milliseconds);

    public void AddDenied() => Interlocked.Increment(ref _endings.Denied);

    public void AddRequestError() => Interlocked.Increment(ref _endings.RequestErrors);

    public void AddConnectError() => Interlocked.Increment(ref _endings.ConnectErrors);

    public void AddResponseError() => Interlocked.Increment(ref _endings.ResponseErrors);

    public void AddClientAbort() => Interlocked.Increment(ref _endings.ClientAborts);

    public void AddServerAbort() => Interlocked.Increment(ref _endings.ServerAborts);

    public void AddRetry() => Interlocked.Increment(ref _endings.Retries);

    public void AddRedispatch() => Interlocked.Increment(ref _endings.Redispatches);

    public void AddBalanced() => Interlocked.Increment(ref _endings.Balanced);

    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Beginnings
    {
        [FieldOffset(64)]
        public long Current;
        [FieldOffset(72)]
        public long Max;
        [FieldOffset(80)]
        public long Total;
        [FieldOffset(88)]
        public long Last;
        [FieldOffset(96)]
        public RateCounter Rate;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Traffic
    {
        [FieldOffset(0)]
        public long In;
        [FieldOffset(64)]
        public long Out;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Endings
    {
        public ResponseCounters Responses;
        public RollingAverage QueueTime;
        public RollingAverage ConnectTime;
        public RollingAverage ResponseTime;
        public RollingAverage TotalTime;
        public long Denied;
        public long RequestErrors;
        public long ConnectErrors;
        public long ResponseErrors;
        public long ClientAborts;
        public long ServerAborts;
        public long Retries;
        public long Redispatches;
        public long Balanced;
    }
}
