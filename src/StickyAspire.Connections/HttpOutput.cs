using System.IO.Pipelines;

namespace StickyAspire.Connections;

/// <summary>What Kestrel's HTTP writes to. When the connection is detached it takes everything and sends nothing.</summary>
internal sealed class HttpOutput(PipeWriter inner, DetachableConnection connection) : PipeWriter
{
    private const int NowhereSize = 4096;

    private byte[] _nowhere = [];

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => connection.IsDetached ? 0 : inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => connection.IsDetached ? GetNowhere(sizeHint) : inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => connection.IsDetached ? GetNowhere(sizeHint) : inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (!connection.IsDetached)
        {
            inner.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        connection.IsDetached ? ValueTask.FromResult(default(FlushResult)) : inner.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        connection.IsDetached ? ValueTask.FromResult(default(FlushResult)) : inner.WriteAsync(source, cancellationToken);

    public override void CancelPendingFlush()
    {
        if (!connection.IsDetached)
        {
            inner.CancelPendingFlush();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (!connection.IsDetached)
        {
            inner.Complete(exception);
        }
    }

    private byte[] GetNowhere(int size)
    {
        if (_nowhere.Length == 0 || _nowhere.Length < size)
        {
            _nowhere = new byte[Math.Max(size, NowhereSize)];
        }

        return _nowhere;
    }
}
