using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace StickyAspire.Trunks;

/// <summary>
/// What a stream has received and its owner not yet taken. The other end gets credit for what the owner has looked at, taken or not, as a <see cref="Pipe"/> gives it:
/// so it can gather a whole body that is larger than the window.
/// </summary>
/// <param name="stream">The stream, which is told what has been taken.</param>
/// <param name="inline">Whether the trunk's thread goes on with what waits for bytes; else one of the pool's.</param>
internal sealed class TrunkInput(TrunkStream stream, bool inline) : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<ReadResult> _waiting = new() { RunContinuationsAsynchronously = !inline };
    private ReadOnlySequence<byte> _lent;
    private TrunkBuffer _buffer;
    private Exception? _exception;

    /// <summary>What is there and need not be shown again.</summary>
    private int _examined;

    /// <summary>What is there and the owner has ever looked at: the examined may go back, the credit for it not.</summary>
    private int _seen;

    /// <summary>Looked at since the last credit.</summary>
    private int _uncredited;
    private bool _isLent;
    private bool _isWaiting;
    private bool _isDue;
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isCompleted;

    /// <summary>Whether nothing more comes, taken or not.</summary>
    public bool HasEnded => Volatile.Read(ref _isEnded);

    /// <summary>Adds what has come. Who waits for it is told by <see cref="Wake"/>.</summary>
    /// <returns>Whether somebody has to be told who was not yet to be.</returns>
    /// <exception cref="InvalidDataException">It is more than the window allows.</exception>
    public bool Add(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_isCompleted || _isEnded)
            {
                return false;
            }

            if (_buffer.Length - _seen + _uncredited + data.Length > TrunkProtocol.Window)
            {
                throw new InvalidDataException($"A stream has more than {TrunkProtocol.Window} bytes on their way.");
            }

            _buffer.Add(data, _isLent);
            var isFirst = _isWaiting && !_isDue;
            _isDue |= isFirst;
            return isFirst;
        }
    }

    /// <summary>Lets the reader go on.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _isDue = false;
        }

        EndWait();
    }

    /// <summary>Nothing more comes.</summary>
    /// <param name="exception">Why, where it was no good end: at once for the reader, whatever it has not read.</param>
    /// <param name="mayContinue">Whether who waits may go on here and now; else a thread of the pool goes on with it.</param>
    public void End(Exception? exception, bool mayContinue)
    {
        bool isAwaited;
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            _exception = exception;
            isAwaited = _isWaiting;
        }

        if (isAwaited && !mayContinue)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static input => input.EndWait(), this, preferLocal: false);
        }
        else
        {
            EndWait();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (_gate)
        {
            if (!IsReady)
            {
                result = default;
                return false;
            }

            result = Lend();
            return true;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!TryWait(out var token))
            {
                return ValueTask.FromResult(Lend());
            }

            return cancellationToken.CanBeCanceled ? WaitAsync(cancellationToken) : new ValueTask<ReadResult>(this, token);
        }
    }

    /// <summary>
    /// Begins to wait where there is nothing to read yet, for who is its own <see cref="IValueTaskSource{TResult}"/> and passes on what this one says. What is read then, or at once where this is false, has to be taken by <see cref="AdvanceTo(SequencePosition)"/>.
    /// </summary>
    /// <returns>False where <see cref="TryRead"/> has something, be it an end that it throws.</returns>
    public bool TryWait(out short token)
    {
        lock (_gate)
        {
            token = 0;
            if (IsReady)
            {
                return false;
            }

            if (Misuse() is { } misuse)
            {
                throw misuse;
            }

            _waiting.Reset();
            _isWaiting = true;
            token = _waiting.Version;
            return true;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var credited = 0;
        lock (_gate)
        {
            if (!_isLent)
            {
                throw new InvalidOperationException("Nothing has been read.");
            }

            var start = _lent.GetOffset(_lent.Start);
            var count = (int)(_lent.GetOffset(consumed) - start);
            var seen = (int)(_lent.GetOffset(examined) - start);
            _examined = seen - count;
            _uncredited += Math.Max(0, seen - _seen);
            _seen = Math.Max(_seen, seen) - count;
            _isLent = false;
            _lent = default;
            _buffer.Take(count);

            if (_uncredited >= TrunkProtocol.Window / 2 && !_isEnded)
            {
                credited = _uncredited;
                _uncredited = 0;
            }
        }

        if (credited > 0)
        {
            stream.GiveCredit(credited);
        }
    }

    public override void CancelPendingRead()
    {
        lock (_gate)
        {
            _isCanceled = true;
        }

        EndWait();
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_isCompleted)
            {
                return;
            }

            _isCompleted = true;
            _seen = 0;
            _buffer.Clear(_isLent);
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _waiting.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiting.OnCompleted(continuation, state, token, flags);

    private bool IsReady => _buffer.Length > _examined || _isEnded || _isCanceled;

    private ReadResult Lend()
    {
        if (_exception is not null)
        {
            throw _exception;
        }

        if (Misuse() is { } misuse)
        {
            throw misuse;
        }

        var isCanceled = _isCanceled;
        _isCanceled = false;
        _isLent = true;
        _lent = _buffer.Content;
        return new ReadResult(_lent, isCanceled, _isEnded);
    }

    private InvalidOperationException? Misuse() =>
        _isLent ? new InvalidOperationException("What was read has not been taken yet.") : _isCompleted ? new InvalidOperationException("Reading has been completed.") : null;

    /// <summary>Never fails: it runs on the thread of all the trunk's streams.</summary>
    private void EndWait()
    {
        ReadResult result = default;
        Exception? exception = null;
        lock (_gate)
        {
            if (!_isWaiting || !IsReady)
            {
                return;
            }

            _isWaiting = false;
            exception = _exception ?? Misuse();
            if (exception is null)
            {
                result = Lend();
            }
        }

        if (exception is null)
        {
            _waiting.SetResult(result);
        }
        else
        {
            _waiting.SetException(exception);
        }
    }

    /// <summary>Unlike <see cref="CancelPendingRead"/> not for a read that is yet to come.</summary>
    private void CancelWait()
    {
        lock (_gate)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isCanceled = true;
        }

        EndWait();
    }

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        var waiting = new ValueTask<ReadResult>(this, _waiting.Version);
        ReadResult result;
        await using (cancellationToken.UnsafeRegister(static input => ((TrunkInput)input!).CancelWait(), this))
        {
            result = await waiting;
        }

        if (result.IsCanceled && cancellationToken.IsCancellationRequested)
        {
            AdvanceTo(result.Buffer.Start);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return result;
    }
}
