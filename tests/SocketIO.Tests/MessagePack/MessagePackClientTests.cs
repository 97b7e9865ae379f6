using Microsoft.Extensions.DependencyInjection;
using SocketIO.Tests.Conformance.Targets;
using SocketIO.Tests.Server;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.MessagePack;

/// <summary>With npm's own parser.</summary>
public sealed class MessagePackClientTests
{
    [Fact]
    public async Task JavaScriptClient_SeesWhatItSent()
    {
        await using var server = await TestServer.StartAsync(
            map: io => io.OnConnection(async socket =>
            {
                await socket.EmitAsync("auth", socket.Handshake.Auth);
                socket.On("message", async (SocketIOPayload payload) => await socket.EmitAsync("message-back", payload));
                socket.On("message-with-ack", async (SocketIOPayload payload, SocketIOAck ack) => await ack.SendAsync(payload));
                socket.On("kick", async () => await socket.DisconnectAsync());
            }),
            build: socketIO => socketIO.AddMessagePackParser());

        var lines = await NodeClients.RunAsync(TimeSpan.FromSeconds(30), "msgpack.mjs", server.Url.ToString());

        const string OnEach =
            """{"token":"abc","n":1.5},[1,-5,4503599627370496,0.5,"żółć 😀",null,true,{"deep":[{"bytes":"AQID"}]},{"bytes":"BA=="}],{"bytes":{"bytes":"BwcH"}},"Invalid namespace","io server disconnect" """;
        Assert.Equal($"[{OnEach.Trim()},{OnEach.Trim()}]", lines[^1]);
    }
}
