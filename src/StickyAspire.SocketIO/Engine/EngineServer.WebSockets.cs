using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using StickyAspire.Connections;
using StickyAspire.SocketIO.Diagnostics;

namespace StickyAspire.SocketIO.Engine;

/// <content>WebSockets: as a session's first transport, and as the one it moves to.</content>
internal sealed partial class EngineServer
{
    private async Task HandshakeByWebSocketAsync(HttpContext context, EngineSession session)
    {
        var link = await WebSocketAcceptor.AcceptAsync(context, Options);
        await RunAsync(session, link, () => OpenAsync(session, link));
    }

    /// <summary>Waits for the session's end where its connection needs the request; else ends the request, which nobody may touch any more.</summary>
    private static Task RunAsync(EngineSession session, WebSocketLink link, Func<Task> run)
    {
        if (!link.IsDetached)
        {
            return run();
        }

        session.RequestId = SocketIOActivity.RequestId;
        EmptyContext.Start(run);
        return Task.CompletedTask;
    }

    private async Task OpenAsync(EngineSession session, WebSocketLink link)
    {
        await using var closed = link;
        var transport = new WebSocketTransport(session, link);
        session.Open(transport);
        if (!TryAdd(session))
        {
            link.RequestClose(WebSocketCloseStatus.InternalServerError);
            await link.FlushAsync();
            return;
        }

        session.Send(OpenPacket.Create(session));
        if (_initialPacket is { } initial)
        {
            session.Send(initial);
        }

        Start(session);
        await transport.RunAsync();
    }

    private async Task UpgradeAsync(HttpContext context, EngineSession session)
    {
        (session.Transport as PollingTransport)?.OnUpgradeRequested();
        var link = await WebSocketAcceptor.AcceptAsync(context, Options);
        if (!link.IsDetached)
        {
            // This request's headers are the ones that stay.
            SharedHeaderValues.Share(context.Request.Headers);
        }

        await RunAsync(session, link, () => UpgradeAsync(session, link));
    }

    private static async Task UpgradeAsync(EngineSession session, WebSocketLink link)
    {
        await using var closed = link;
        var transport = new WebSocketTransport(session, link);
        if (!session.TryBeginUpgrade(transport))
        {
            link.RequestClose(WebSocketCloseStatus.NormalClosure);
            await link.FlushAsync();
            return;
        }

        await transport.RunAsync();
    }
}
