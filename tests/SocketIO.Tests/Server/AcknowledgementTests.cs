using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.Server;

/// <summary>Answers, in both directions.</summary>
public sealed class AcknowledgementTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task ClientThatDoesNotAnswer_TimesOutWithNodesWords()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var socket = await server.GetSocketAsync(client);

        var error = await Assert.ThrowsAsync<TimeoutException>(() => socket.Timeout(Short).EmitWithAckAsync<int>("ask"));
        Assert.Equal("operation has timed out", error.Message);

        // The late answer, and one to a question that never was, are of no consequence.
        await client.ExpectAsync("""420["ask"]""");
        await client.SendAsync("430[1]");
        await client.SendAsync("43999[1]");
        var second = socket.EmitWithAckAsync<int>("ask");
        await client.ExpectAsync("""421["ask"]""");
        await client.SendAsync("431[2]");
        await client.SendAsync("431[3]");
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task ClientThatGoes_FailsWhatWasAskedOfIt()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var socket = await server.GetSocketAsync(client);
        var answer = socket.EmitWithAckAsync<int>("ask");
        await client.ExpectAsync("""420["ask"]""");
        client.Abort();

        Assert.Equal("socket has been disconnected", (await Assert.ThrowsAsync<SocketIOException>(() => answer)).Message);
    }

    [Fact]
    public async Task AnswerOfTheWrongType_IsTheAskersError()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var socket = await server.GetSocketAsync(client);
        var answer = socket.EmitWithAckAsync<int>("ask");
        await client.ExpectAsync("""420["ask"]""");
        await client.SendAsync("""430[{"not":"a number"}]""");

        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => answer);
        Assert.True(socket.IsConnected);
    }

    [Fact]
    public async Task SecondAnswerOfAHandler_IsNotSent()
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(socket => socket.On("ask", async (SocketIOAck ack) =>
        {
            await ack.SendAsync(1);
            await ack.SendAsync(2);
            await socket.EmitAsync("end");
        })));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("""427["ask"]""");

        await client.ExpectAsync("437[1]", """42["end"]""");
    }

    [Fact]
    public async Task Broadcast_GathersAllAnswers()
    {
        await using var server = await TestServer.StartAsync();
        await using var a = await server.ConnectAsync();
        await using var b = await server.ConnectAsync();
        await server.GetSocketAsync(a);
        await server.GetSocketAsync(b);

        var answers = server.IO.Timeout(Long).EmitWithAckAsync<int>("ask");
        await a.ExpectAsync("""420["ask"]""");
        await b.ExpectAsync("""420["ask"]""");
        await a.SendAsync("430[1]");
        await b.SendAsync("430[2,\"ignored\"]");

        Assert.Equal([1, 2], (await answers).Order());
        Assert.Empty(await server.IO.To("nobody").Timeout(Long).EmitWithAckAsync<int>("ask"));
    }

    [Fact]
    public async Task Broadcast_WithAClientThatGoes_TimesOutWithTheAnswersThatCame()
    {
        await using var server = await TestServer.StartAsync();
        await using var a = await server.ConnectAsync();
        await using var b = await server.ConnectAsync();
        await server.GetSocketAsync(a);
        await server.GetSocketAsync(b);

        var answers = server.IO.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("ask");
        await a.ExpectAsync("""420["ask"]""");
        await a.SendAsync("430[1]");
        await b.ExpectAsync("""420["ask"]""");
        b.Abort();

        var error = await Assert.ThrowsAsync<BroadcastTimeoutException<int>>(() => answers);
        Assert.Equal("operation has timed out", error.Message);
        Assert.Equal([1], error.Responses);
    }

    [Fact]
    public async Task Broadcast_WithoutATimeout_IsRefused()
    {
        await using var server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.IO.EmitWithAckAsync<int>("ask"));
    }

    [Fact]
    public async Task BytesInAnswers_ComeAndGo()
    {
        await using var server = await TestServer.StartAsync(map: io => io.OnConnection(connected =>
        {
            connected.On("ask", (byte[] bytes) => new Dictionary<string, object?> { ["twice"] = (byte[])[.. bytes, .. bytes] });
        }));
        await using var client = await server.ConnectAsync();
        var socket = await server.GetSocketAsync(client);
        await client.SendAsync("""451-3["ask",{"_placeholder":true,"num":0}]""");
        await client.SendAsync([1, 2]);
        await client.ExpectAsync("""461-3[{"twice":{"_placeholder":true,"num":0}}]""", "b" + Convert.ToBase64String([1, 2, 1, 2]));

        var answer = socket.EmitWithAckAsync<SocketIOPayload>("ask", new byte[] { 9 });
        await client.ExpectAsync("""451-0["ask",{"_placeholder":true,"num":0}]""", "b" + Convert.ToBase64String([9]));
        await client.SendAsync("""461-0[{"deep":[{"_placeholder":true,"num":0}]}]""");
        await client.SendAsync([7]);
        Assert.Equal([7], (await answer)!.Get<Dictionary<string, byte[][]>>(0)!["deep"][0]);
    }
}
