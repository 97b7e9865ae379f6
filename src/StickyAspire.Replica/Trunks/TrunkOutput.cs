using System.Buffers;
using System.IO.Pipelines;
using StickyAspire.Trunks;

namespace StickyAspire.Replica;

/// <summary>Writes to a stream of a trunk: what is written at once goes from where it lies into the trunk's next write.</summary>
internal sealed class TrunkOutput(TrunkStream stream) : PipeWriter
{
    private static readonly FlushResult Sent = new(isCanceled: false, isCompleted: false);
    private static readonly FlushResult Gone = new(isCanceled: false, isCompleted: true);
    private static readonly FlushResult Canceled = new(isCanceled: true, isCompleted: false);

    private byte[] _array = [];
    private TaskCompletionSource? _writing;
    private int _length;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureSpace(Math.Max(sizeHint, 1));
        return _array.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => _length += bytes;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var sent = _length == 0 ? 0 : stream.Send(_array.AsSpan(0, _length));
        if (sent == _length || sent < 0)
        {
            ReturnArray();
            return ValueTask.FromResult(sent < 0 ? Gone : Sent);
        }

        return FlushRestAsync(sent, cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_length == 0)
        {
            var sent = stream.Send(source.Span);
            if (sent == source.Length || sent < 0)
            {
                return ValueTask.FromResult(sent < 0 ? Gone : Sent);
            }

            return WriteRestAsync(source[sent..], cancellationToken);
        }

        source.Span.CopyTo(GetSpan(source.Length));
        Advance(source.Length);
        return FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => stream.CancelWait();

    public override void Complete(Exception? exception = null)
    {
        if (!_isCompleted)
        {
            _isCompleted = true;
            if (Volatile.Read(ref _writing) is null && _length > 0)
            {
                _ = FlushAsync().AsTask();
            }
        }
    }

    /// <summary>Waits until what is being written is, or nobody takes it any more.</summary>
    public Task DrainAsync() => Volatile.Read(ref _writing)?.Task ?? Task.CompletedTask;

    private ValueTask<FlushResult> FlushRestAsync(int sent, CancellationToken cancellationToken) => WriteRestAsync(_array.AsMemory(sent, _length - sent), cancellationToken);

    /// <summary>Writes on as there is room. What was not written when that is broken off stays, and goes with the next flush.</summary>
    private async ValueTask<FlushResult> WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _writing, writing);
        try
        {
            while (!rest.IsEmpty)
            {
                var room = stream.WaitForRoomAsync();
                await using (cancellationToken.UnsafeRegister(static stream => ((TrunkStream)stream!).CancelWait(), stream))
                {
                    if (!await room)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        return Canceled;
                    }
                }

                var sent = stream.Send(rest.Span);
                if (sent < 0)
                {
                    rest = default;
                    return Gone;
                }

                rest = rest[sent..];
            }

            return Sent;
        }
        finally
        {
            Keep(rest);
            Volatile.Write(ref _writing, null);
            writing.TrySetResult();
        }
    }

    /// <summary>In place of what was there, of which it may be a part.</summary>
    private void Keep(ReadOnlyMemory<byte> rest)
    {
        var kept = rest.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(rest.Length);
        rest.CopyTo(kept);
        ReturnArray();
        (_array, _length) = (kept, rest.Length);
    }

    private void EnsureSpace(int size)
    {
        if (_array.Length - _length >= size)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(_length + size);
        _array.AsSpan(0, _length).CopyTo(larger);
        var length = _length;
        ReturnArray();
        (_array, _length) = (larger, length);
    }

    private void ReturnArray()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        (_array, _length) = ([], 0);
    }
}
