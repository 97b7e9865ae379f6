using System.Net.WebSockets;

namespace StickyAspire.SocketIO.Engine;

/// <content>The connection's end.</content>
internal sealed partial class WebSocketTransport
{
    /// <summary>How long the other side may take to answer a close frame.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private ITimer? _abort;

    private void Close(WebSocketCloseStatus status)
    {
        link.RequestClose(status);
        AbortLater();
        Flush();
    }

    /// <summary>A client that never answers our close frame must not keep its connection.</summary>
    private void AbortLater()
    {
        if (_abort is not null)
        {
            return;
        }

        var timer = Session.Server.TimeProvider.CreateTimer(static link => ((WebSocketLink)link!).Abort(), link, CloseTimeout, Timeout.InfiniteTimeSpan);
        if (Interlocked.CompareExchange(ref _abort, timer, null) is not null)
        {
            timer.Dispose();
        }
    }

    /// <summary>Lets a client that is still sending read our close frame, for as long as it may take to answer one.</summary>
    private async Task DrainAsync()
    {
        try
        {
            await link.DrainAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            EngineLog.ConnectionBroke(Session.Server.Logger, exception, Session.Id);
        }
    }

    /// <summary>Waits until nobody writes any more, and keeps it so: the connection is about to be given back.</summary>
    private async Task StopSendingAsync()
    {
        while (true)
        {
            var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _idle, idle);
            if (Interlocked.CompareExchange(ref _state, Ended, Idle) != Sending)
            {
                return;
            }

            await idle.Task;
        }
    }
}
