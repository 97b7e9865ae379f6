using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace StickyAspire.Trunks;

/// <summary>
/// One of a trunk's streams: what a connection of its own would be. One reads, one writes; the owner closes it. What the trunk's thread hears is told by the methods that begin with On.
/// </summary>
internal sealed class TrunkStream : IValueTaskSource<bool>
{
    private readonly Trunk _trunk;
    private readonly TrunkWriter _writer;
    private readonly TrunkInput _input;

    // The sending side, under the writer's gate.
    private ManualResetValueTaskSourceCore<bool> _room = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenSource? _ended;
    private int _window = TrunkProtocol.Window;
    private bool _isWaiting;
    private bool _isFinished;
    private bool _isClosed;
    private bool _isPeerGone;

    public TrunkStream(Trunk trunk, uint id, bool inline)
    {
        _trunk = trunk;
        _writer = trunk.Writer;
        Id = id;
        _input = new TrunkInput(this, inline);
    }

    public uint Id { get; }

    /// <summary>What the other end has sent. It ends with an exception where the stream was cut.</summary>
    public TrunkInput Input => _input;

    /// <summary>Whether there is nobody at the other end: the trunk has ended under it, or it was refused.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Cancelled when the other end sends no more, or the stream is closed.</summary>
    public CancellationToken Ended
    {
        get
        {
            lock (_writer.Gate)
            {
                _ended ??= new CancellationTokenSource();
                if (_isPeerGone || _isClosed)
                {
                    _ended.Cancel();
                }

                return _ended.Token;
            }
        }
    }

    /// <summary>Sends what there is room for.</summary>
    /// <returns>How much that was: 0 where <see cref="WaitForRoomAsync"/> has to be awaited, -1 where nothing can be sent any more.</returns>
    public int Send(ReadOnlySpan<byte> data)
    {
        int total;
        lock (_writer.Gate)
        {
            if (_isFinished || _isPeerGone)
            {
                return -1;
            }

            total = Math.Min(data.Length, Math.Min(_window, _writer.Room));
            if (total <= 0)
            {
                return 0;
            }

            _window -= total;
            for (var rest = data[..total]; !rest.IsEmpty;)
            {
                var part = rest[..Math.Min(rest.Length, TrunkProtocol.MaxData)];
                _writer.Add(new TrunkFrame(TrunkFrameType.Data, part.Length, Id), part);
                rest = rest[part.Length..];
            }
        }

        _writer.Flush();
        return total;
    }

    /// <summary>Waits until there is room. One at a time.</summary>
    /// <returns>False where the wait was broken off by <see cref="CancelWait"/>.</returns>
    public ValueTask<bool> WaitForRoomAsync()
    {
        lock (_writer.Gate)
        {
            if (_isFinished || _isPeerGone || (_window > 0 && _writer.Room > 0))
            {
                return ValueTask.FromResult(true);
            }

            _room.Reset();
            _isWaiting = true;
            if (_window > 0)
            {
                _writer.AddBlocked(this);
            }

            return new ValueTask<bool>(this, _room.Version);
        }
    }

    public void CancelWait() => EndWait(false);

    /// <summary>There may be room.</summary>
    public void Wake() => EndWait(true);

    /// <summary>Nothing more is written; the other end may go on.</summary>
    public void Finish()
    {
        lock (_writer.Gate)
        {
            if (_isFinished || _isPeerGone)
            {
                return;
            }

            _isFinished = true;
            _writer.Add(new TrunkFrame(TrunkFrameType.Finish, 0, Id), []);
        }

        _writer.Flush();
        EndWait(true);
    }

    /// <summary>Ends the stream after what was sent.</summary>
    public void Close() => Close(TrunkFrameType.Close, 0);

    /// <summary>Cuts the stream: the other end's reader fails, when it has come to that.</summary>
    public void Reset() => Close(TrunkFrameType.Reset, 0);

    /// <summary>Cuts a stream that the other end has opened, and that nobody takes.</summary>
    public void Refuse() => Close(TrunkFrameType.Reset, 1);

    /// <summary>The reader has taken so many bytes, and the other end may send as many more.</summary>
    public void GiveCredit(int bytes)
    {
        if (!_isPeerGone && !_isClosed)
        {
            _writer.Send(new TrunkFrame(TrunkFrameType.Credit, bytes, Id));
        }
    }

    /// <returns>Whether <see cref="OnDataEnd"/> has to follow.</returns>
    /// <exception cref="InvalidDataException">The other end sends more than it may.</exception>
    public bool OnData(ReadOnlySpan<byte> data) => _input.Add(data);

    /// <summary>All that came at once has been added.</summary>
    public void OnDataEnd() => _input.Wake();

    public void OnCredit(int bytes)
    {
        lock (_writer.Gate)
        {
            if (bytes > TrunkProtocol.Window - _window)
            {
                throw new InvalidDataException($"Stream {Id} was given credit for more than it has sent.");
            }

            _window += bytes;
        }

        EndWait(true);
    }

    /// <summary>The other end sends no more.</summary>
    public void OnFinished()
    {
        _input.End(null, mayContinue: true);
        Cancel();
    }

    /// <summary>The other end neither sends nor reads.</summary>
    /// <param name="exception">Why, where it did not end by itself.</param>
    /// <param name="isLost">For <see cref="IsLost"/>.</param>
    public void OnGone(Exception? exception, bool isLost)
    {
        lock (_writer.Gate)
        {
            IsLost |= isLost && !_isPeerGone;
            _isPeerGone = true;
        }

        _input.End(exception, mayContinue: true);
        EndWait(true);
        Cancel();
        _trunk.OnGone(this);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _room.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _room.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _room.OnCompleted(continuation, state, token, flags);

    private void Close(TrunkFrameType last, int value)
    {
        lock (_writer.Gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = _isFinished = true;
            if (!_isPeerGone)
            {
                _writer.Add(new TrunkFrame(last, value, Id), []);
            }
        }

        _writer.Flush();
        EndWait(true);

        // Whoever closes may hold locks that who waits for bytes would want.
        _input.End(new ConnectionAbortedException("The connection was closed by its owner."), mayContinue: false);
        _trunk.Remove(this);
        Cancel();
    }

    private void EndWait(bool result)
    {
        lock (_writer.Gate)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _room.SetResult(result);
    }

    private void Cancel()
    {
        CancellationTokenSource? ended;
        lock (_writer.Gate)
        {
            ended = _ended;
        }

        // On a thread of the pool; what fails there is told as other tasks' failures are that nobody awaits.
        _ = ended?.CancelAsync();
    }
}
