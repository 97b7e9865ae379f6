using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>The answer of one client.</summary>
internal sealed class SingleAck<T> : PendingAck
{
    private readonly TaskCompletionSource<T?> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T?> Task => _source.Task;

    public override void Complete(ref SocketIOEventReader reader)
    {
        try
        {
            _source.TrySetResult(reader.Read<T>());
        }
        catch (System.Text.Json.JsonException exception)
        {
            // The one who waits must know; the client has broken no rule.
            _source.TrySetException(exception);
        }
    }

    public override void Fail(Exception exception) => _source.TrySetException(exception);
}
