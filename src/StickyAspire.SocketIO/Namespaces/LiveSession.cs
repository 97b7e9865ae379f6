using StickyAspire.SocketIO.Diagnostics;

namespace StickyAspire.SocketIO;

/// <summary>
/// Tells the adapter of a session's changes while it lives, one call after another; several changes during a call are one further call. So the session outlives this server's end without notice.
/// </summary>
internal sealed class LiveSession(SocketIOSocket socket)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _writing;
    private bool _isDirty;
    private bool _isOver;

    /// <summary>Something has changed.</summary>
    /// <returns>Complete when it is kept, or could not be.</returns>
    public Task Changed()
    {
        TaskCompletionSource writing;
        lock (_gate)
        {
            if (_isOver)
            {
                return Task.CompletedTask;
            }

            _isDirty = true;
            if (_writing is not null)
            {
                return _writing.Task;
            }

            writing = _writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = WriteAsync(writing);
        return writing.Task;
    }

    /// <summary>The session ends here. Complete when nothing is being written any more.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _isOver = true;
            return _writing?.Task ?? Task.CompletedTask;
        }
    }

    private async Task WriteAsync(TaskCompletionSource writing)
    {
        while (true)
        {
            lock (_gate)
            {
                if (!_isDirty || _isOver)
                {
                    _writing = null;
                    break;
                }

                _isDirty = false;
            }

            try
            {
                await socket.Nsp.Adapter.KeepSessionAsync(socket.CreateSession());
            }
#pragma warning disable CA1031 // The session goes on; should this server die now, the client gets a new one.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                SocketIOLog.PersistFailed(socket.Nsp.Server.Logger, exception, socket.Nsp.Name);
            }
        }

        writing.SetResult();
    }
}
