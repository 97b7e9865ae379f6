using System.IO.Pipelines;

namespace StickyAspire.Connections;

/// <summary>What Kestrel's HTTP reads from. Nothing comes any more when the connection is detached, and nothing that HTTP does has an effect on its bytes.</summary>
internal sealed class HttpInput(PipeReader inner, DetachableConnection connection) : PipeReader
{
    private static readonly ReadResult End = new(default, isCanceled: false, isCompleted: true);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        connection.IsDetached ? ValueTask.FromResult(End) : inner.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        if (connection.IsDetached)
        {
            result = End;
            return true;
        }

        return inner.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        if (!connection.IsDetached)
        {
            inner.AdvanceTo(consumed);
        }
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!connection.IsDetached)
        {
            inner.AdvanceTo(consumed, examined);
        }
    }

    public override void CancelPendingRead()
    {
        if (!connection.IsDetached)
        {
            inner.CancelPendingRead();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (!connection.IsDetached)
        {
            inner.Complete(exception);
        }
    }
}
