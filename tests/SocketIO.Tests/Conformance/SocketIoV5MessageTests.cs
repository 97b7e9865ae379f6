using System.Text.Json.Nodes;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>Events and acknowledgements, and what is none.</summary>
public sealed class SocketIoV5MessageTests(CalmTarget target)
{
    private const string Bytes = """{"_placeholder":true,"num":0}""";
    private const string MoreBytes = """{"_placeholder":true,"num":1}""";

    [Theory]
    [InlineData("""1,"2",{"3":[true]}""")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[],{},[[]],{\"\":{}}")]
    [InlineData("0.1,-5,9007199254740991,1e21")]
    [InlineData("\"żółć 😀 \\u0000 \\u001e \\\\ \\\"\"")]
    [InlineData("""{"_placeholder":false,"num":7}""")]
    [InlineData("""" "[\"message\"]","42[]","}" """")]
    public async Task Event_IsAnsweredByAnEvent(string arguments)
    {
        foreach (var transport in new[] { "polling", "websocket" })
        {
            await using var session = await SocketIOSession.ConnectAsync(target, transport);

            await session.SendAsync(arguments.Length == 0 ? "42[\"message\"]" : $"42[\"message\",{arguments}]");

            await session.ExpectAsync(arguments.Length == 0 ? "42[\"message-back\"]" : $"42[\"message-back\",{arguments}]");
        }
    }

    [Theory]
    [InlineData("polling", "456")]
    [InlineData("polling", "0")]
    [InlineData("websocket", "456")]
    [InlineData("websocket", "0")]
    [InlineData("websocket", "9007199254740991")]
    public async Task Event_IsAcknowledged(string transport, string id)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await session.SendAsync($$"""42{{id}}["message-with-ack",1,"2",{"3":[false]}]""");

        await session.ExpectAsync($$"""43{{id}}[1,"2",{"3":[false]}]""");
    }

    [Fact]
    public async Task Acknowledgement_MayBeEmpty()
    {
        await using var session = await SocketIOSession.ConnectAsync(target, "websocket");

        await session.SendAsync("""421["message-with-ack"]""");

        await session.ExpectAsync("431[]");
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task BinaryEvent_ComesBack(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await session.SendAsync($$"""452-["message",{{Bytes}},{"deep":[{{MoreBytes}},"text"]}]""", "bAQID", "bBAUG");

        await session.ExpectAsync($$"""452-["message-back",{{Bytes}},{"deep":[{{MoreBytes}},"text"]}]""", "bAQID", "bBAUG");
    }

    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    public async Task BinaryEvent_IsAcknowledgedInBinary(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await session.SendAsync($"""452-789["message-with-ack",{Bytes},{MoreBytes}]""", "bAQID", "bBAUG");

        await session.ExpectAsync($"""462-789[{Bytes},{MoreBytes}]""", "bAQID", "bBAUG");
    }

    [Fact]
    public async Task BinaryEvent_MayComeInSeveralPosts()
    {
        await using var session = await SocketIOSession.ConnectAsync(target, "polling");

        await session.SendAsync($"""452-["message",{Bytes},{MoreBytes}]""");
        await session.SendAsync("bAQID");
        await session.SendAsync("bBAUG");

        await session.ExpectAsync($"""452-["message-back",{Bytes},{MoreBytes}]""", "bAQID", "bBAUG");
    }

    [Fact]
    public async Task Placeholders_NeedNotBeInOrder()
    {
        await using var session = await SocketIOSession.ConnectAsync(target, "websocket");

        await session.SendAsync($"""452-["message",{MoreBytes},{Bytes}]""", "bAQID", "bBAUG");

        // Which number a server gives to which bytes is its own affair, as long as the arguments keep their places.
        var answer = await session.ExpectAsync();
        string[] bytes = [await session.ExpectAsync(), await session.ExpectAsync()];
        var arguments = JsonNode.Parse(answer[4..])!.AsArray();
        Assert.Equal("452-", answer[..4]);
        Assert.Equal(["bBAUG", "bAQID"], arguments.Skip(1).Select(argument => bytes[(int)argument!["num"]!]));
    }

    [Fact]
    public async Task EventNobodyHandles_IsIgnored()
    {
        await using var session = await SocketIOSession.ConnectAsync(target, "websocket");

        await session.SendAsync("""42["nobody",1]""", "42[7,8]", "43999[1]", """42["message","after"]""");

        await session.ExpectAsync("""42["message-back","after"]""");
    }

    [Fact]
    public async Task HalfOfASurrogatePair_ComesBack()
    {
        await using var session = await SocketIOSession.ConnectAsync(target, "websocket");

        await session.SendAsync("""42["message","\ud800"]""");

        Assert.Equal("""42["message-back","\ud800"]""", await session.ExpectAsync(), ignoreCase: true);
    }

    [Theory]
    [InlineData("4abc")] // no packet type
    [InlineData("4")] // no packet at all
    [InlineData("47")] // no such type
    [InlineData("49[]")]
    [InlineData("42abc")] // no JSON
    [InlineData("42[\"message\"")]
    [InlineData("42{}")] // events are arrays
    [InlineData("42\"message\"")]
    [InlineData("42[]")] // events have names
    [InlineData("42[null]")]
    [InlineData("42[{}]")]
    [InlineData("42[true]")]
    [InlineData("42[\"connect\"]")] // names of the protocol's own
    [InlineData("42[\"connect_error\"]")]
    [InlineData("42[\"disconnect\"]")]
    [InlineData("42[\"disconnecting\"]")]
    [InlineData("42[\"newListener\"]")]
    [InlineData("42[\"removeListener\"]")]
    [InlineData("421.5[\"message\"]")] // ids are whole numbers
    [InlineData("42-1[\"message\"]")]
    [InlineData("421a[\"message\"]")]
    [InlineData("43{}")] // acknowledgements are arrays
    [InlineData("431\"abc\"")]
    [InlineData("41{}")] // a disconnect carries nothing
    [InlineData("40")] // connected already
    [InlineData("44{\"message\":\"no\"}")] // clients do not refuse
    [InlineData("45[\"message\"]")] // no number of attachments
    [InlineData("45-[\"message\"]")]
    [InlineData("450-[\"message\"]")]
    [InlineData("45-1-[\"message\"]")]
    [InlineData("451.5-[\"message\"]")]
    [InlineData("45abc-[\"message\"]")]
    [InlineData("4511-[\"message\"]")] // too many attachments
    [InlineData("46999999999999-[]")]
    [InlineData("bAQID")] // bytes that nobody announced
    [InlineData("451-[\"message\",{\"_placeholder\":true,\"num\":0}]", "42[\"message\"]")] // text where bytes were announced
    [InlineData("451-[\"message\",{\"_placeholder\":true,\"num\":1}]", "bAQID")] // no such attachment
    [InlineData("451-[\"message\",{\"_placeholder\":true,\"num\":-1}]", "bAQID")]
    [InlineData("451-[\"message\",{\"_placeholder\":true,\"num\":\"0\"}]", "bAQID")]
    [InlineData("451-[\"message\",{\"_placeholder\":true}]", "bAQID")]
    public async Task InvalidPacket_EndsTheSession(params string[] packets)
    {
        foreach (var transport in new[] { "polling", "websocket" })
        {
            await using var session = await SocketIOSession.ConnectAsync(target, transport);

            await session.SendAsync(packets);

            Assert.Empty(await session.UntilClosedAsync());
        }
    }

    [Theory]
    [InlineData("40[]")]
    [InlineData("40\"token\"")]
    [InlineData("40{")]
    [InlineData("40null")]
    [InlineData("40/custom,[]")]
    public async Task InvalidConnect_EndsTheSession(string packet)
    {
        await using var session = await SocketIOSession.OpenAsync(target, "websocket");

        await session.SendAsync(packet);

        Assert.Empty(await session.UntilClosedAsync());
    }
}
