using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.SocketIO.Engine;

/// <content>POSTs: they bring packets from the client.</content>
internal sealed partial class PollingTransport
{
    /// <summary>The last post's packets being handled. A client may hear the answer to a packet, and post again, before that post is answered itself.</summary>
    private Task _handling = Task.CompletedTask;

    private bool _posting;

    /// <summary>The post whose body is being read.</summary>
    private HttpContext? _incoming;

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
                await PayloadDispatcher.DispatchAsync(Session, result.Buffer, isBinary);
            }
            finally
            {
                handled.SetResult();
            }

            reader.AdvanceTo(result.Buffer.End);
            return true;
        }
    }

    private void ReleasePost()
    {
        lock (_gate)
        {
            _posting = false;
            _incoming = null;
        }
    }
}
