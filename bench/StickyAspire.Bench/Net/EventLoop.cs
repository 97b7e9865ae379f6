using System.Diagnostics;

namespace StickyAspire.Bench.Net;

/// <summary>
/// One thread, one epoll: all connections of the tool. No locks, no tasks, one buffer for everybody, so that the load costs as little as it can
/// on the machine that it measures.
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int MaxEvents = 512;
    private const int BufferSize = 256 * 1024;
    private const long MaxWaitNanoseconds = 50_000_000;

    private readonly int _epoll = Libc.CreateEpoll(0);
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * 16, pinned: true);
    private readonly byte[] _buffer = GC.AllocateArray<byte>(BufferSize, pinned: true);
    private readonly PriorityQueue<Action, long> _timers = new();
    private Connection?[] _connections = new Connection?[1024];

    /// <summary>Called on each turn with the time; does what is due and returns when it is due next. For paced load.</summary>
    public Func<long, long>? Pacer { get; set; }

    public static long Now => Stopwatch.GetTimestamp();

    public static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    public void Schedule(TimeSpan delay, Action action) => _timers.Enqueue(action, Now + Ticks(delay));

    public void Register(Connection connection)
    {
        var fd = connection.Fd;
        if (fd >= _connections.Length)
        {
            Array.Resize(ref _connections, Math.Max(fd + 1, _connections.Length * 2));
        }

        _connections[fd] = connection;
        var @event = stackalloc byte[16];
        *(uint*)@event = Libc.Readable | Libc.Writable | Libc.EdgeTriggered;
        *(long*)(@event + Libc.EventDataOffset) = fd;
        if (Libc.ControlEpoll(_epoll, Libc.Add, fd, @event) < 0)
        {
            throw new IOException("A socket cannot be watched.");
        }
    }

    public void Forget(int fd) => _connections[fd] = null;

    /// <summary>Turns until the time is over.</summary>
    public void RunFor(TimeSpan time) => RunUntil(static () => false, time);

    /// <summary>Turns until the condition holds. False if it does not within the limit.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + Ticks(limit);
        while (!condition())
        {
            var now = Now;
            if (now >= end)
            {
                return false;
            }

            Turn(now, end);
        }

        return true;
    }

    public void Dispose() => _ = Libc.Close(_epoll);

    private void Turn(long now, long end)
    {
        while (_timers.TryPeek(out var action, out var due) && due <= now)
        {
            _timers.Dequeue();
            action();
        }

        var next = _timers.TryPeek(out _, out var first) ? Math.Min(first, end) : end;
        if (Pacer is { } pacer)
        {
            next = Math.Min(next, pacer(now));
        }

        var wait = Math.Clamp((next - Now) * 1_000_000_000L / Stopwatch.Frequency, 0, MaxWaitNanoseconds);
        var timeout = stackalloc long[2] { 0, wait };
        fixed (byte* events = _events, buffer = _buffer)
        {
            var count = Libc.Wait(_epoll, events, MaxEvents, timeout, null);
            for (var i = 0; i < count; i++)
            {
                var @event = events + i * Libc.EventSize;
                var connection = _connections[(int)*(long*)(@event + Libc.EventDataOffset)];
                connection?.OnEvent(*(uint*)@event, buffer, BufferSize);
            }
        }
    }
}
