using System.Net.WebSockets;
using System.Text;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>Messages there and back, on both transports.</summary>
public sealed class EngineIoV4MessageTests(CalmTarget target)
{
    private const int MaxPayload = 1_000_000;

    public static TheoryData<string> Transports => ["polling", "websocket"];

    [Theory]
    [InlineData("polling", "4hello")]
    [InlineData("polling", "4")]
    [InlineData("polling", "4żółć €uro 😀")]
    [InlineData("polling", "4bAQID")]
    [InlineData("polling", "bAQIDBA==")]
    [InlineData("polling", "bAA==")]
    [InlineData("websocket", "4hello")]
    [InlineData("websocket", "4")]
    [InlineData("websocket", "4żółć €uro 😀")]
    [InlineData("websocket", "4a\u001e4b")]
    [InlineData("websocket", "bAQIDBA==")]
    [InlineData("websocket", "b")]
    public async Task Message_ComesBack(string transport, string packet)
    {
        await using var session = await EngineClient.OpenAsync(target, transport);

        await session.SendAsync(packet);

        Assert.Equal(packet, await session.ExpectAsync());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SeveralPackets_ComeBackInOrder(string transport)
    {
        await using var session = await EngineClient.OpenAsync(target, transport);

        await session.SendAsync("4test1", "bAQID", "4test2", "bBAUG", "4test3");

        await session.ExpectAsync("4test1", "bAQID", "4test2", "bBAUG", "4test3");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task ThousandPackets_ComeBackInOrder(string transport)
    {
        await using var session = await EngineClient.OpenAsync(target, transport);

        foreach (var chunk in Enumerable.Range(0, 1000).Chunk(40))
        {
            await session.SendAsync([.. chunk.Select(i => $"4{i}")]);
        }

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal($"4{i}", await session.ExpectAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task PacketsWithoutMeaningHere_AreIgnored(string transport)
    {
        await using var session = await EngineClient.OpenAsync(target, transport);

        await session.SendAsync("6", "0", "5", "3");
        await session.SendAsync("4after");

        await session.ExpectAsync("4after");
    }

    [Theory]
    [InlineData("polling", "abc")]
    [InlineData("polling", "7")]
    [InlineData("polling", "")]
    [InlineData("polling", "2")]
    [InlineData("websocket", "abc")]
    [InlineData("websocket", "7")]
    [InlineData("websocket", "")]
    [InlineData("websocket", "2")]
    public async Task InvalidPacket_EndsTheSession(string transport, string packet)
    {
        await using var session = await EngineClient.OpenAsync(target, transport);

        await session.SendAsync(packet);

        Assert.Empty(await session.UntilClosedAsync());
    }

    [Fact]
    public async Task InvalidPacket_AmongOthersEndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);

        await session.SendAsync("4good", "abc", "4never");

        Assert.DoesNotContain("4never", await session.UntilClosedAsync());
        await session.UntilUnknownAsync();
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task MessageOfTheGreatestSize_ComesBack(string transport)
    {
        await using var session = await EngineClient.OpenAsync(target, transport);
        var packet = "4" + new string('x', MaxPayload - 1);

        await session.SendAsync(packet);

        Assert.Equal(packet, await session.ExpectAsync());
    }

    [Fact]
    public async Task TooBigPost_IsRefusedAndTheSessionStays()
    {
        var session = await PollingClient.OpenAsync(target);

        using var response = await session.PostAsync("4" + new string('x', MaxPayload));

        Assert.Equal(413, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await session.SendAsync("4small");
        await session.ExpectAsync("4small");
    }

    [Fact]
    public async Task TooBigPost_IsMeasuredInBytes()
    {
        var session = await PollingClient.OpenAsync(target);

        using var response = await session.PostAsync("4" + new string('ż', MaxPayload / 2));

        Assert.Equal(413, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public async Task TooBigFrame_ClosesWith1009(WebSocketMessageType type)
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);

        await session.SendFrameAsync(Encoding.UTF8.GetBytes("4" + new string('x', MaxPayload)), type);

        Assert.Null(await session.NextFrameAsync());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, session.Socket.CloseStatus);
    }

    [Fact]
    public async Task TooBigMessageInSmallFrames_ClosesWith1009()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);
        var frame = Encoding.UTF8.GetBytes("4" + new string('x', 399_999));

        await session.SendFrameAsync(frame, WebSocketMessageType.Text, last: false);
        await session.SendFrameAsync(frame, WebSocketMessageType.Text, last: false);
        await session.SendFrameAsync(frame, WebSocketMessageType.Text);

        Assert.Null(await session.NextFrameAsync());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, session.Socket.CloseStatus);
    }

    [Fact]
    public async Task MessageInSeveralFrames_IsOneMessage()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);
        var bytes = Encoding.UTF8.GetBytes("4żółć");

        // The cut goes through the middle of a letter.
        await session.SendFrameAsync(bytes.AsMemory(0, 2), WebSocketMessageType.Text, last: false);
        await session.SendFrameAsync(bytes.AsMemory(2), WebSocketMessageType.Text);

        await session.ExpectAsync("4żółć");
    }

    [Fact]
    public async Task TextThatIsNoUtf8_EndsTheSession()
    {
        await using var session = await WebSocketEngineClient.OpenAsync(target);

        await session.SendFrameAsync(new byte[] { (byte)'4', 0xff, 0xfe }, WebSocketMessageType.Text);

        Assert.Null(await session.NextFrameAsync());
    }
}
