using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// WebSocket, one packet a frame. The one who queues a packet on an idle connection sends it, and with it all that is queued; while a send is under way
/// others only queue.
/// </summary>
internal sealed partial class WebSocketTransport(EngineSession session, WebSocketLink link) : EngineTransport(session)
{
    private const int Idle = 0;
    private const int Sending = 1;
    private const int Ended = 2;

    private int _state;
    private volatile bool _discarded;
    private volatile bool _hasProbe;
    private TaskCompletionSource? _idle;

    public override string Name => "websocket";

    public override bool IsWritable => Volatile.Read(ref _state) == Idle;

    private bool HasWork => link.HasControl || _hasProbe || Session.HasOutbound(this);

    public override void Flush()
    {
        if (Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle)
        {
            _ = SendQueuedAsync();
        }
    }

    public override void Discard(EnginePacket lastWord)
    {
        _discarded = true;
        Close(WebSocketCloseStatus.NormalClosure);
    }

    /// <summary>Reads until the connection ends.</summary>
    public async Task RunAsync()
    {
        var reason = EngineCloseReason.TransportClose;
        var status = WebSocketCloseStatus.NormalClosure;
        var isBroken = false;
        try
        {
            await ReceiveAsync();
        }
        catch (WebSocketViolation violation)
        {
            reason = EngineCloseReason.TransportError;
            status = violation.Status;
            EngineLog.ConnectionBroke(Session.Server.Logger, violation, Session.Id);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A peer that goes without a close frame is Node's "transport close" as well (status 1006); a protocol error is not.
            if (exception is WebSocketException { WebSocketErrorCode: not WebSocketError.ConnectionClosedPrematurely })
            {
                reason = EngineCloseReason.TransportError;
            }

            isBroken = true;
            EngineLog.ConnectionBroke(Session.Server.Logger, exception, Session.Id);
        }
#pragma warning disable CA1031 // A fault of ours must not leave a session behind that nobody reads.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            isBroken = true;
            EngineLog.HandlerFailed(Session.Server.Logger, exception, Session.Id);
            reason = EngineCloseReason.TransportError;
        }

        // Before the session hears of it, which closes with 1000.
        Close(status);
        Session.OnTransportClosed(this, reason);
        if (!isBroken)
        {
            await DrainAsync();
        }

        await StopSendingAsync();
        Interlocked.Exchange(ref _abort, null)?.Dispose();
    }

    private async Task ReceiveAsync()
    {
        while (!_discarded)
        {
            var message = await link.ReceiveAsync();
            if (!(DispatchAll(message, out var waiting) && (waiting is null || await waiting)))
            {
                return;
            }
        }
    }

    /// <summary>Handles all that came at once before anything it gave rise to is sent: in one write for each client.</summary>
    /// <param name="message">The first message.</param>
    /// <param name="waiting">What is to be awaited before the next is read, or null.</param>
    /// <returns>Whether the connection goes on.</returns>
    private bool DispatchAll(WebSocketMessage message, out Task<bool>? waiting)
    {
        waiting = null;
        OutboundBatch.Begin();
        try
        {
            do
            {
                var handled = DispatchAsync(message);
                if (!handled.IsCompletedSuccessfully)
                {
                    waiting = handled.AsTask();
                    return true;
                }

                if (!handled.Result)
                {
                    return false;
                }
            }
            while (!_discarded && link.TryReceive(out message));
            return true;
        }
        finally
        {
            OutboundBatch.EndDispatch();
        }
    }

    private ValueTask<bool> DispatchAsync(WebSocketMessage message)
    {
        switch (message.Kind)
        {
            case WebSocketMessageKind.Close:
                return ValueTask.FromResult(false);
            case WebSocketMessageKind.Ping:
                Flush();
                return ValueTask.FromResult(true);
        }

        EnginePacketType type;
        var data = message.Data;
        if (message.Kind == WebSocketMessageKind.Binary)
        {
            type = EnginePacketType.Message;

            // Protocol 3 puts the packet type in front of the bytes.
            data = (Session.Protocol == 3 && !data.IsEmpty ? data[1..] : data).ToArray();
        }
        else if (!data.IsEmpty && InboundPacket.TryGetType(data.Span[0], out type))
        {
            data = data[1..];
        }
        else
        {
            if (Session.Transport == this)
            {
                Session.OnParseError();
            }

            return ValueTask.FromResult(false);
        }

        return Session.Transport == this ? DispatchCurrentAsync(type, data, message.Kind == WebSocketMessageKind.Binary) : ValueTask.FromResult(DispatchProbe(type, data));
    }

    private ValueTask<bool> DispatchCurrentAsync(EnginePacketType type, ReadOnlyMemory<byte> data, bool isBinary)
    {
        var task = Session.OnPacketAsync(type, data, isBinary);
        return task.IsCompletedSuccessfully ? ValueTask.FromResult(true) : WaitAsync(task);

        static async ValueTask<bool> WaitAsync(ValueTask task)
        {
            await task;
            return true;
        }
    }

    private bool DispatchProbe(EnginePacketType type, ReadOnlyMemory<byte> data)
    {
        var upgrade = Session.Upgrade;
        if (upgrade?.Transport != this)
        {
            return false;
        }

        if (type == EnginePacketType.Ping && data.Span.SequenceEqual("probe"u8))
        {
            // Past the session's queue, which is not ours yet.
            _hasProbe = true;
            upgrade.OnProbe();
            Flush();
            return true;
        }

        if (type == EnginePacketType.Upgrade && Session.CompleteUpgrade(this))
        {
            return true;
        }

        Session.FailUpgrade(upgrade);
        return false;
    }

    private async Task SendQueuedAsync()
    {
        var next = Ended;
        try
        {
            do
            {
                while (HasWork)
                {
                    var isClosing = Write();
                    await link.FlushAsync();
                    if (isClosing)
                    {
                        AbortLater();
                        Session.OnTransportClosed(this, EngineCloseReason.ForcedClose);
                        return;
                    }
                }

                Volatile.Write(ref _state, Idle);
            }
            while (HasWork && Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle);

            next = Idle;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            EngineLog.ConnectionBroke(Session.Server.Logger, exception, Session.Id);
            Session.OnTransportClosed(this, EngineCloseReason.TransportError);
        }
        finally
        {
            if (next == Ended)
            {
                Volatile.Write(ref _state, Ended);
            }

            Volatile.Read(ref _idle)?.TrySetResult();
        }
    }

    /// <summary>Hands what is queued to the connection, as much as it takes at once.</summary>
    /// <returns>Whether the session's last packet is among it.</returns>
    private bool Write()
    {
        if (_hasProbe)
        {
            _hasProbe = false;
            link.Write(EnginePacket.ProbePong, hasTypeByte: false);
        }

        while (!link.IsFull && Session.TryDequeue(this, out var packet))
        {
            if (packet.IsClose)
            {
                link.RequestClose(WebSocketCloseStatus.NormalClosure);
                return true;
            }

            link.Write(packet, Session.Protocol == 3);
        }

        return false;
    }
}
