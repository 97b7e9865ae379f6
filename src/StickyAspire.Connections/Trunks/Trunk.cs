using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace StickyAspire.Trunks;

/// <summary>
/// Many streams between a gateway and a server on one connection, so that what goes to one another in the same moment costs one system call, and a stream none to open or to close. Each has a window of its own, as in HTTP/2
/// (RFC 9113, section 5.2), so a reader that takes nothing holds up nobody else.
/// </summary>
internal sealed class Trunk
{
    private readonly ConcurrentDictionary<uint, TrunkStream> _streams = new();
    private readonly TrunkTransport _transport;
    private readonly Action<TrunkStream>? _onOpened;
    private readonly bool _inline;
    private readonly TimeProvider _timeProvider;
    private readonly TrunkReader _reader;

    private uint _lastId;
    private int _count;
    private int _silentIntervals;
    private Exception? _exception;
    private volatile bool _isLeaving;
    private volatile bool _isOver;

    /// <param name="transport">The connection.</param>
    /// <param name="onOpened">Gets the streams that the other end opens; null at the end that opens them.</param>
    /// <param name="inline">Whether the thread that reads the trunk goes on with what waits for a stream's bytes.</param>
    /// <param name="timeProvider">The clock.</param>
    public Trunk(TrunkTransport transport, Action<TrunkStream>? onOpened, bool inline, TimeProvider timeProvider)
    {
        _transport = transport;
        _onOpened = onOpened;
        _inline = inline;
        _timeProvider = timeProvider;
        _reader = new TrunkReader(OnFrame);
        Writer = new TrunkWriter(transport, Fail, EndIfLeft);
    }

    public TrunkWriter Writer { get; }

    /// <summary>Whether streams can be opened.</summary>
    public bool IsOpen => !_isLeaving && !_isOver;

    /// <summary>How many streams there are. The dictionary's own count takes all its locks.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Reads until either side ends the trunk. All its streams end with it.</summary>
    /// <returns>What broke, if anything did.</returns>
    public async Task<Exception?> RunAsync()
    {
        using var watch = new CancellationTokenSource();
        var watching = WatchAsync(watch.Token);
        try
        {
            await _transport.ReadAsync(OnReceived);
        }
#pragma warning disable CA1031 // Whatever it was, the trunk ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _exception ??= exception;
        }

        End(_exception);
        await watch.CancelAsync();
        await watching;
        return _exception;
    }

    /// <summary>Opens a stream. Null where the trunk takes none any more.</summary>
    public TrunkStream? TryOpen()
    {
        if (!IsOpen || Count >= TrunkProtocol.MaxStreams)
        {
            return null;
        }

        TrunkStream stream;
        lock (Writer.Gate)
        {
            if (_lastId == uint.MaxValue)
            {
                _isLeaving = true;
                return null;
            }

            stream = Add(++_lastId);

            // It goes out with the stream's first bytes.
            Writer.Add(new TrunkFrame(TrunkFrameType.Open, 0, stream.Id), []);
        }

        if (!_isOver)
        {
            return stream;
        }

        Remove(stream);
        return null;
    }

    /// <summary>Takes no more streams. The end that opens them ends the trunk when those that are there have ended.</summary>
    public void Leave()
    {
        _isLeaving = true;
        if (_onOpened is not null)
        {
            Writer.Send(new TrunkFrame(TrunkFrameType.Leave, 0, 0));
        }

        EndIfLeft();
    }

    /// <summary>Cuts the trunk and all its streams.</summary>
    public void Abort() => Fail(new ConnectionAbortedException("The trunk was cut."));

    public void Remove(TrunkStream stream)
    {
        if (_streams.TryRemove(stream.Id, out _))
        {
            Interlocked.Decrement(ref _count);
            EndIfLeft();
        }
    }

    /// <summary>The other end has said its last of a stream. The end that opens them needs to know no more of it; the other counts it until its owner has closed it.</summary>
    public void OnGone(TrunkStream stream)
    {
        if (_onOpened is null)
        {
            Remove(stream);
        }
    }

    /// <returns>Up to where it was frames.</returns>
    private SequencePosition OnReceived(in ReadOnlySequence<byte> bytes)
    {
        Volatile.Write(ref _silentIntervals, 0);
        return _reader.Read(bytes);
    }

    /// <summary>Frames of streams that this side has closed pass without effect.</summary>
    /// <returns>Whose data follows; null where that is nobody's any more, or none.</returns>
    private TrunkStream? OnFrame(TrunkFrame frame)
    {
        _streams.TryGetValue(frame.Stream, out var stream);
        switch (frame.Type)
        {
            case TrunkFrameType.Open:
                OnOpened(frame.Stream);
                break;
            case TrunkFrameType.Data:
                return stream;
            case TrunkFrameType.Credit:
                stream?.OnCredit(frame.Value);
                break;
            case TrunkFrameType.Finish:
                stream?.OnFinished();
                break;
            case TrunkFrameType.Close:
                stream?.OnGone(null, isLost: false);
                break;
            case TrunkFrameType.Reset:
                stream?.OnGone(new ConnectionResetException("The other end has cut the connection."), isLost: frame.Value != 0);
                break;
            case TrunkFrameType.Ping when _onOpened is not null:
                Writer.Send(new TrunkFrame(TrunkFrameType.Pong, 0, 0));
                break;
            case TrunkFrameType.Pong:
                break;
            case TrunkFrameType.Leave:
                _isLeaving = true;
                EndIfLeft();
                break;
            default:
                throw new InvalidDataException($"A trunk has no frame of type {(byte)frame.Type}.");
        }

        return null;
    }

    private void OnOpened(uint id)
    {
        if (_onOpened is null || id <= _lastId)
        {
            throw new InvalidDataException($"Stream {id} cannot be opened.");
        }

        _lastId = id;
        if (_isLeaving || Count >= TrunkProtocol.MaxStreams)
        {
            Writer.Send(new TrunkFrame(TrunkFrameType.Reset, 1, id));
            return;
        }

        _onOpened(Add(id));
    }

    private TrunkStream Add(uint id)
    {
        Interlocked.Increment(ref _count);
        return _streams[id] = new TrunkStream(this, id, _inline);
    }

    /// <summary>Sees to it that a peer that is gone without a word is noticed.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TrunkProtocol.PingInterval, _timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (Interlocked.Increment(ref _silentIntervals) > TrunkProtocol.MaxSilentIntervals)
                {
                    Fail(new TimeoutException($"Nothing was heard for {TrunkProtocol.MaxSilentIntervals * TrunkProtocol.PingInterval}."));
                }
                else if (_onOpened is null)
                {
                    Writer.Send(new TrunkFrame(TrunkFrameType.Ping, 0, 0));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Ends a trunk that has nothing to do any more, once all is written.</summary>
    private void EndIfLeft()
    {
        if (_onOpened is null && _isLeaving && Count == 0 && Writer.IsIdle)
        {
            _transport.Abort();
        }
    }

    private void Fail(Exception exception)
    {
        _exception ??= exception;
        _transport.Abort();
    }

    private void End(Exception? exception)
    {
        _isOver = true;
        _transport.Abort();
        foreach (var stream in _streams.Values)
        {
            stream.OnGone(new ConnectionResetException("The trunk has ended.", exception!), isLost: true);
        }
    }
}
