using System.Net.WebSockets;

namespace StickyAspire.Bench.IdleMemory;

/// <summary>The floor: a WebSocket of ASP.NET Core that reads and does nothing else.</summary>
internal static class BareSocket
{
    public static async Task RunAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = TimeSpan.Zero });
        await socket.SendAsync("0{}"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[64];
        while (true)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            await socket.SendAsync("40{}"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        }
    }
}
