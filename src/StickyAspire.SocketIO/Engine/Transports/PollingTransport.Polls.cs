using Microsoft.AspNetCore.Http;

namespace StickyAspire.SocketIO.Engine;

/// <content>GETs: they wait for packets, and bring them to the client.</content>
internal sealed partial class PollingTransport
{
    [ThreadStatic]
    private static List<EnginePacket>? t_batch;

    private readonly PollWaiter _waiter = new();
    private bool _isWaiting;
    private bool _polling;

    /// <summary>Answers a GET with all that is queued, waiting until there is something.</summary>
    public async Task PollAsync(HttpContext context)
    {
        bool overlaps;
        var isLate = _isUpgradeRequested;
        lock (_gate)
        {
            overlaps = _polling;
            if (!overlaps)
            {
                _polling = true;
                _isWaiting = true;
            }
        }

        if (overlaps)
        {
            await EngineResponse.WriteErrorAsync(context, EngineError.TransportMismatch with { Reason = "POLL_OVERLAP" });
            Session.OnTransportError();
            return;
        }

        // Only now, with the waiter in place: whoever queues a packet from here on finds it.
        if (Session.HasOutbound(this))
        {
            Flush();
        }
        else if (_lastWord is { } word)
        {
            Answer(word, inline: false);
        }

        EnginePacket? special;
        using (context.RequestAborted.UnsafeRegister(static transport => ((PollingTransport)transport!).CancelPoll(), this))
        {
            try
            {
                special = await _waiter.Task;
            }
            catch (OperationCanceledException)
            {
                // Node: "poll connection closed prematurely".
                Session.OnTransportError();
                return;
            }
        }

        if (isLate && Session.Transport != this && !Session.IsOver)
        {
            // The client has said on its WebSocket that its polls are done, so this one came after that, whichever was read first.
            await EngineResponse.WriteErrorAsync(context, EngineError.TransportMismatch);
            return;
        }

        await AnswerAsync(context, special);
    }

    /// <summary>Answers the handshake's own request.</summary>
    public static async Task AnswerHandshakeAsync(HttpContext context, EngineSession session, EnginePacket open, EnginePacket? initial)
    {
        List<EnginePacket> batch = initial is { } packet ? [open, packet] : [open];
        await EngineResponse.WritePayloadAsync(context, session, batch, base64Only: true);
    }

    private async ValueTask AnswerAsync(HttpContext context, EnginePacket? special)
    {
        var batch = t_batch ?? [];
        t_batch = null;
        if (special is { } word)
        {
            batch.Add(word);
        }
        else
        {
            // A close comes alone: a client ends the session at once when it reads it, before what came in the same answer has been handled.
            while ((batch.Count == 0 || !Session.IsNextClose) && Session.TryDequeue(this, out var packet))
            {
                batch.Add(packet);
            }

            if (batch.Count == 0)
            {
                // An upgrade took the queue between the wake-up and here.
                batch.Add(EnginePacket.Noop);
            }
        }

        var closes = special is null && batch[^1].IsClose;

        // Released before the answer leaves: the client may poll again the moment it has it.
        lock (_gate)
        {
            _polling = false;
        }

        // What is in the answer would be lost: an honest end beats a silent gap. Only now, though: many clients close their connection once they have read the
        // answer, which may be before the write has come back to us. Whether it arrived the next poll tells, since a client whose poll failed does not poll again.
        var isLost = context.RequestAborted.IsCancellationRequested;
        try
        {
            await EngineResponse.WritePayloadAsync(context, Session, batch, Base64Only);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            Session.OnTransportError();
        }

        batch.Clear();
        t_batch = batch;

        if (closes)
        {
            Session.OnClosed(EngineCloseReason.ForcedClose, EnginePacket.Close);
        }
        else if (isLost)
        {
            Session.OnTransportError();
        }
    }

    private void Answer(EnginePacket? word, bool inline)
    {
        if (TryTakeWaiting())
        {
            _waiter.Complete(word, inline);
        }
    }

    private void CancelPoll()
    {
        if (TryTakeWaiting())
        {
            _waiter.Cancel();
        }
    }

    /// <summary>True for the one who is to complete the waiter.</summary>
    private bool TryTakeWaiting()
    {
        lock (_gate)
        {
            var isWaiting = _isWaiting;
            _isWaiting = false;
            return isWaiting;
        }
    }
}
