using System.Diagnostics;

namespace StickyAspire.Trunks;

/// <summary>
/// Gathers frames of many streams into few writes. While a write is under way others only add to the next; what a trunk's reader gives rise to, or a broadcast, goes out when all of it is there; and what comes close upon another is left
/// to a thread of the pool, which finds more by the time it runs: as long as it does, for to wake it costs more than a write. Else a frame is sent at once.
/// </summary>
internal sealed class TrunkWriter(TrunkTransport transport, Action<Exception> onFailed, Action onIdle) : IThreadPoolWorkItem
{
    /// <summary>Beyond this much that is not sent yet, streams have to wait.</summary>
    private const int MaxPending = 256 * 1024;

    /// <summary>Frames without data wait for no room, but are not gathered without end for a peer that reads nothing: more than all streams can have at once.</summary>
    private const int MaxControl = 4 * 1024 * 1024;

    private const int InitialSize = 16 * 1024;

    /// <summary>As many frames more in a write, on average, are worth waking a thread for.</summary>
    private const double WorthWaking = 1;

    /// <summary>The weight of the last write in the average.</summary>
    private const double Weight = 0.125;

    /// <summary>Where it is not worth it, how many frames are sent at once before it is tried again.</summary>
    private const int FramesUntilTry = 32;

    /// <summary>Frames closer upon each other than this are no single ones.</summary>
    private static readonly long QuietTime = Stopwatch.Frequency / 10_000;

    /// <summary>As much as this is worth a write of its own, though more may come.</summary>
    private const int Plenty = 64 * 1024;

    /// <summary>How many times this thread has begun to gather and not ended yet.</summary>
    [ThreadStatic]
    private static int t_gatherings;

    /// <summary>The writers that have got something meanwhile: those of a few trunks.</summary>
    [ThreadStatic]
    private static List<TrunkWriter>? t_gathered;

    private readonly List<TrunkStream> _blocked = [];
    private byte[] _pending = new byte[InitialSize];
    private byte[] _spare = new byte[InitialSize];
    private int _length;
    private int _frames;
    private int _framesLeft;
    private int _untilTry;

    /// <summary>Found, on average, by the pool's threads. A guess: nobody minds when two change it at once.</summary>
    private double _framesFound = WorthWaking * 2;
    private long _wroteAt;
    private bool _isFlushing;
    private bool _isFailed;

    /// <summary>Guards what is pending, and the streams' sending sides.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How much of a stream's bytes may be added now. Within the gate.</summary>
    public int Room => MaxPending - _length;

    /// <summary>Whether all has been written.</summary>
    public bool IsIdle
    {
        get
        {
            lock (Gate)
            {
                return !_isFlushing && _length == 0;
            }
        }
    }

    /// <summary>Adds a frame. Within the gate, after which comes <see cref="Flush"/>.</summary>
    public void Add(TrunkFrame frame, ReadOnlySpan<byte> data)
    {
        if (_isFailed)
        {
            return;
        }

        var size = TrunkFrame.Size + data.Length;
        if (_pending.Length - _length < size)
        {
            Array.Resize(ref _pending, Math.Max(_pending.Length * 2, _length + size));
        }

        var span = _pending.AsSpan(_length);
        frame.Write(span);
        data.CopyTo(span[TrunkFrame.Size..]);
        _length += size;
        _frames++;
    }

    /// <summary>Adds a frame without data, and sees to it that it is sent.</summary>
    public void Send(TrunkFrame frame)
    {
        bool isTooMuch;
        lock (Gate)
        {
            Add(frame, []);
            isTooMuch = _length > MaxControl;
        }

        if (isTooMuch)
        {
            onFailed(new InvalidDataException("The other end sends, but reads nothing."));
            return;
        }

        Flush();
    }

    /// <summary>Has a stream told when there is room. Within the gate.</summary>
    public void AddBlocked(TrunkStream blocked) => _blocked.Add(blocked);

    /// <summary>Sees to it that what was added is sent. Outside of the gate.</summary>
    public void Flush()
    {
        if (t_gatherings > 0 && Volatile.Read(ref _length) < Plenty)
        {
            if (!t_gathered!.Contains(this))
            {
                t_gathered.Add(this);
            }

            return;
        }

        if (!TryBegin())
        {
            return;
        }

        if (Stopwatch.GetTimestamp() - Volatile.Read(ref _wroteAt) > QuietTime || (_framesFound < WorthWaking && --_untilTry > 0))
        {
            _ = WriteAsync();
        }
        else
        {
            _framesLeft = Volatile.Read(ref _frames);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>What this thread adds to any trunk goes out when it calls <see cref="EndGathering"/>, unless that is much.</summary>
    public static void BeginGathering()
    {
        t_gathered ??= [];
        t_gatherings++;
    }

    /// <param name="atOnce">Whether it shall go out now, since nothing else is to be expected; else as what is added one by one.</param>
    public static void EndGathering(bool atOnce)
    {
        if (--t_gatherings > 0)
        {
            return;
        }

        var gathered = t_gathered!;
        t_gathered = null;
        foreach (var writer in gathered)
        {
            if (!atOnce)
            {
                writer.Flush();
            }
            else if (writer.TryBegin())
            {
                _ = writer.WriteAsync();
            }
        }

        gathered.Clear();
        t_gathered ??= gathered;
    }

    void IThreadPoolWorkItem.Execute()
    {
        _framesFound += (Volatile.Read(ref _frames) - _framesLeft - _framesFound) * Weight;
        _untilTry = FramesUntilTry;
        _ = WriteAsync();
    }

    private bool TryBegin()
    {
        lock (Gate)
        {
            if (_isFlushing || _length == 0)
            {
                return false;
            }

            return _isFlushing = true;
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                var (bytes, blocked) = Take();
                if (bytes.IsEmpty)
                {
                    onIdle();
                    return;
                }

                await transport.WriteAsync(bytes);
                foreach (var each in blocked)
                {
                    each.Wake();
                }
            }
        }
#pragma warning disable CA1031 // Whatever broke, the trunk is of no use.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            lock (Gate)
            {
                // Nobody else writes from now on, and nothing is kept.
                _isFailed = true;
                _length = 0;
            }

            onFailed(exception);
        }
    }

    /// <summary>Takes all that is to be sent, and those who wait till it is. When there is nothing the next to add something begins anew.</summary>
    private (ReadOnlyMemory<byte> Bytes, TrunkStream[] Blocked) Take()
    {
        Volatile.Write(ref _wroteAt, Stopwatch.GetTimestamp());
        lock (Gate)
        {
            if (_length == 0)
            {
                _isFlushing = false;
                return default;
            }

            var bytes = _pending.AsMemory(0, _length);
            (_pending, _spare) = (_spare, _pending);
            _length = 0;
            _frames = 0;
            var blocked = _blocked.Count == 0 ? [] : _blocked.ToArray();
            _blocked.Clear();
            return (bytes, blocked);
        }
    }
}
