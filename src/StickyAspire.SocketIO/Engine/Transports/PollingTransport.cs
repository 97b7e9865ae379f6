using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.SocketIO.Engine;

/// <summary>HTTP long-polling: GETs that wait for packets, and POSTs that bring them. At most one of each at a time.</summary>
internal sealed class PollingTransport(EngineSession session) : EngineTransport(session)
{
    [ThreadStatic]
    private static List<EnginePacket>? t_batch;

    private readonly Lock _gate = new();

    /// <summary>The last post's packets being handled. A client may hear the answer to a packet, and post again, before that post is answered itself.</summary>
    private Task _handling = Task.CompletedTask;

    private readonly PollWaiter _waiter = new();
    private bool _isWaiting;
    private EnginePacket? _lastWord;
    private bool _polling;
    private bool _posting;
    private volatile bool _isUpgradeRequested;

    /// <summary>The post whose body is being read.</summary>
    private HttpContext? _incoming;

    public override string Name => "polling";

    public override bool IsWritable => Volatile.Read(ref _isWaiting);

    /// <summary>Whether the client asked for base64 instead of binary answers. Protocol 3 only; protocol 4 always uses base64.</summary>
    public bool Base64Only { get; init; }

    /// <summary>A WebSocket has come for the session, and may take over.</summary>
    public void OnUpgradeRequested() => _isUpgradeRequested = true;

    public override void Flush() => Answer(null, inline: false);

    public void AnswerWithNoop() => Answer(EnginePacket.Noop, inline: false);

    protected override void FlushInline() => Answer(null, inline: true);

    public override void Discard(EnginePacket lastWord)
    {
        HttpContext? incoming;
        lock (_gate)
        {
            _lastWord ??= lastWord;
            incoming = Session.IsOver ? _incoming : null;
        }

        Answer(lastWord, inline: false);

        // Nobody waits for the rest of its body, however slowly it comes.
        incoming?.Abort();
    }

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

    /// <summary>Takes the packets that a POST brings.</summary>
    public async Task ReceiveAsync(HttpContext context)
    {
        bool overlaps;
        lock (_gate)
        {
            overlaps = _posting;
            if (!overlaps)
            {
                _posting = true;
                _incoming = context;
            }
        }

        if (overlaps)
        {
            Session.OnTransportError();
            await EngineResponse.WriteErrorAsync(context, EngineError.TransportMismatch with { Reason = "POST_OVERLAP" });
            return;
        }

        if (Session.IsOver)
        {
            // It ended before it could know of this post, so nobody will break it off.
            ReleasePost();
            await EngineResponse.WriteErrorAsync(context, EngineError.UnknownSid);
            return;
        }

        var isBinary = string.Equals(context.Request.ContentType, "application/octet-stream", StringComparison.OrdinalIgnoreCase);
        if (isBinary && Session.Protocol == 4)
        {
            ReleasePost();
            Session.OnTransportError();
            await EngineResponse.WriteErrorAsync(context, EngineError.TransportMismatch with { Reason = "INVALID_CONTENT" });
            return;
        }

        var limit = Session.Server.Options.MaxHttpBufferSize;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            // Ours is the limit that speaks: it answers as Node does, and the session goes on.
            bodySize.MaxRequestBodySize = null;
        }

        if (context.Request.ContentLength > limit || !await TryReceiveBodyAsync(context.Request.BodyReader, limit, isBinary))
        {
            ReleasePost();
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            context.Response.ContentLength = 0;
            context.Response.Headers.Connection = "close";
            return;
        }

        await EngineResponse.WriteOkAsync(context);
    }

    private void ReleasePost()
    {
        lock (_gate)
        {
            _posting = false;
            _incoming = null;
        }
    }

    private async Task<bool> TryReceiveBodyAsync(PipeReader reader, int limit, bool isBinary)
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await reader.ReadAsync();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // Node: "data request connection closed prematurely".
                Session.OnTransportError();
                ReleasePost();
                return true;
            }

            if (result.Buffer.Length > limit)
            {
                reader.AdvanceTo(result.Buffer.End);
                return false;
            }

            if (!result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            await _handling;
            if (Session.IsOver)
            {
                ReleasePost();
                reader.AdvanceTo(result.Buffer.End);
                return true;
            }

            var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _handling = handled.Task;
            ReleasePost();
            try
            {
                await ReceivePayloadAsync(result.Buffer, isBinary);
            }
            finally
            {
                handled.SetResult();
            }

            reader.AdvanceTo(result.Buffer.End);
            return true;
        }
    }

    private async ValueTask ReceivePayloadAsync(ReadOnlySequence<byte> body, bool isBinary)
    {
        if (body.IsSingleSegment)
        {
            await DispatchAsync(body.First, isBinary);
            return;
        }

        var length = checked((int)body.Length);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(copy);
        try
        {
            await DispatchAsync(copy.AsMemory(0, length), isBinary);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private async ValueTask DispatchAsync(ReadOnlyMemory<byte> payload, bool isBinary)
    {
        if (payload.IsEmpty || (!isBinary && !Utf8.IsValid(payload.Span)))
        {
            // Text that is no UTF-8 ends a WebSocket as well (RFC 6455 section 8.1).
            Session.OnParseError();
            return;
        }

        while (!payload.IsEmpty)
        {
            if (DispatchAll(ref payload, isBinary) is { } waiting)
            {
                await waiting;
            }
        }
    }

    /// <summary>Handles all that came at once before anything it gave rise to is sent: in one answer for each client.</summary>
    /// <returns>What is to be awaited before the next packet is handled, or null.</returns>
    private Task? DispatchAll(ref ReadOnlyMemory<byte> payload, bool isBinary)
    {
        OutboundBatch.Begin();
        try
        {
            while (!payload.IsEmpty)
            {
                var read = Session.Protocol == 3
                    ? PayloadV3.TryRead(ref payload, isBinary, out var packet)
                    : PayloadV4.TryRead(ref payload, out packet);
                if (!read)
                {
                    payload = default;
                    Session.OnParseError();
                    return null;
                }

                var handled = Session.OnPacketAsync(packet.Type, packet.Data, packet.IsBinary);
                if (!handled.IsCompletedSuccessfully)
                {
                    return handled.AsTask();
                }
            }

            return null;
        }
        finally
        {
            OutboundBatch.EndDispatch();
        }
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
