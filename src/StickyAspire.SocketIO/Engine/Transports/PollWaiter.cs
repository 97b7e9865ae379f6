using System.Threading.Tasks.Sources;

namespace StickyAspire.SocketIO.Engine;

/// <summary>What a poll waits for, used again for the next: there is one poll at a time. Whoever has taken it from its transport completes it.</summary>
internal sealed class PollWaiter : IValueTaskSource<EnginePacket?>
{
    private ManualResetValueTaskSourceCore<EnginePacket?> _core;

    public ValueTask<EnginePacket?> Task => new(this, _core.Version);

    /// <param name="word">What the poll is answered with, or null: with what is queued.</param>
    /// <param name="inline">Whether the caller's thread is to answer it. Only where no code of the application's is further down the stack.</param>
    public void Complete(EnginePacket? word, bool inline)
    {
        _core.RunContinuationsAsynchronously = !inline;
        _core.SetResult(word);
    }

    public void Cancel()
    {
        _core.RunContinuationsAsynchronously = true;
        _core.SetException(new OperationCanceledException());
    }

    EnginePacket? IValueTaskSource<EnginePacket?>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<EnginePacket?>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<EnginePacket?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
