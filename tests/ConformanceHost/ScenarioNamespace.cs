using System.Text.Json;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace ConformanceHost;

/// <summary>What the client scenario needs of a server beyond the conformance contract; <c>scenario-handlers.mjs</c> is its twin.</summary>
internal static class ScenarioNamespace
{
    public static void AddScenario(this ISocketIOServer io)
    {
        io.OnConnection(socket =>
        {
            socket.On("echo", async (SocketIOPayload payload, SocketIOAck ack) => await ack.SendAsync(payload));
            socket.On("whoami", () => Environment.GetEnvironmentVariable("SERVER_ID") ?? "s1");
        });

        io.Of("/scenario").OnConnection(async socket =>
        {
            await socket.EmitAsync("hello", 1, "2", new { three = new[] { 3 } }, null, true);
            // The server asks, the client's answer comes back as an event. Nothing may wait for it in the handler: events are handled one by one.
            socket.On("ask", (SocketIOPayload payload) =>
            {
                _ = AskAsync(socket, "question", TimeSpan.FromSeconds(5), payload);
            });
            socket.On("ask-in-vain", () =>
            {
                _ = AskAsync(socket, "unanswered", TimeSpan.FromMilliseconds(200));
            });
            socket.On("count", async (int n) =>
            {
                for (var i = 0; i < n; i++)
                {
                    await socket.EmitAsync("number", i);
                }
            });
            socket.On("kick", async () => await socket.DisconnectAsync());
            socket.On("kick-out", async () => await socket.DisconnectAsync(close: true));
        });

        var guarded = io.Of("/guarded");
        guarded.Use(socket =>
        {
            var auth = socket.Handshake.Auth;
            if (auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty("word", out var word) && word.GetString() == "sesame")
            {
                return Task.CompletedTask;
            }

            throw new SocketIOException("not authorized", new { code = "E1", hint = "say the word" });
        });
        guarded.OnConnection(async socket => await socket.EmitAsync("welcome"));
    }

    private static async Task AskAsync(ISocketIOSocket socket, string question, TimeSpan timeout, params object?[] arguments)
    {
        object? answer;
        try
        {
            answer = await socket.Timeout(timeout).EmitWithAckAsync<SocketIOPayload>(question, arguments);
        }
        catch (Exception e) when (e is TimeoutException or SocketIOException)
        {
            answer = "timeout";
        }

        await socket.EmitAsync("answered", answer);
    }
}
