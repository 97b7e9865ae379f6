using System.Diagnostics;
using System.Text.Json;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>Joining and leaving namespaces.</summary>
public sealed class SocketIoV5ConnectTests(CalmTarget target)
{
    public static TheoryData<string> Transports => ["polling", "websocket"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task DefaultNamespace_LetsIn(string transport)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);

        await session.SendAsync("40");

        var sid = SidOf(await session.ExpectAsync(), "40");
        Assert.NotEqual(session.Sid, sid);
        await session.ExpectAsync("""42["auth",{}]""");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task DefaultNamespace_SeesTheAuth(string transport)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);

        await session.SendAsync("""40{"token":"żółć","nested":{"list":[1,null,true]}}""");

        SidOf(await session.ExpectAsync(), "40");
        await session.ExpectAsync("""42["auth",{"token":"żółć","nested":{"list":[1,null,true]}}]""");
    }

    [Theory]
    [InlineData("polling", "40/custom,", "{}")]
    [InlineData("polling", "40/custom", "{}")]
    [InlineData("polling", """40/custom,{"token":"abc"}""", """{"token":"abc"}""")]
    [InlineData("websocket", "40/custom,", "{}")]
    [InlineData("websocket", "40/custom", "{}")]
    [InlineData("websocket", """40/custom,{"token":"abc"}""", """{"token":"abc"}""")]
    public async Task CustomNamespace_LetsIn(string transport, string connect, string auth)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);

        await session.SendAsync(connect);

        SidOf(await session.ExpectAsync(), "40/custom,");
        await session.ExpectAsync($"42/custom,[\"auth\",{auth}]");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task EachNamespace_HasAnIdOfItsOwn(string transport)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);

        await session.SendAsync("40");
        var first = SidOf(await session.ExpectAsync(), "40");
        await session.ExpectAsync();
        await session.SendAsync("40/custom,");
        var second = SidOf(await session.ExpectAsync(), "40/custom,");

        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("polling", "40/random", "44/random,")]
    [InlineData("polling", "40/random,{\"token\":1}", "44/random,")]
    [InlineData("websocket", "40/random", "44/random,")]
    [InlineData("websocket", "40/CUSTOM,", "44/CUSTOM,")]
    [InlineData("websocket", "40/custom/,", "44/custom/,")]
    public async Task UnknownNamespace_IsRefusedAndOthersStayOpen(string transport, string connect, string refusal)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);

        await session.SendAsync(connect);

        await session.ExpectAsync(refusal + """{"message":"Invalid namespace"}""");
        await session.SendAsync("40");
        SidOf(await session.ExpectAsync(), "40");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task ConnectTwice_EndsTheSession(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await session.SendAsync("40");

        Assert.Empty(await session.UntilClosedAsync());
    }

    [Theory]
    [InlineData("polling", """42["message","early"]""")]
    [InlineData("websocket", """42["message","early"]""")]
    [InlineData("websocket", "41")]
    [InlineData("websocket", "431[]")]
    [InlineData("websocket", """44{"message":"no"}""")]
    public async Task AnythingBeforeConnect_EndsTheSession(string transport, string packet)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);

        await session.SendAsync(packet);

        Assert.Empty(await session.UntilClosedAsync());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task EventOfANamespaceNotJoined_EndsTheSession(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await session.SendAsync("""42/custom,["message","early"]""");

        Assert.Empty(await session.UntilClosedAsync());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task WhoNeverConnects_IsGivenUp(string transport)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);
        var watch = Stopwatch.StartNew();

        Assert.Empty(await session.UntilClosedAsync());

        Assert.InRange(watch.ElapsedMilliseconds, 500, 5000);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task WhoWasRefused_IsGivenUp(string transport)
    {
        await using var session = await SocketIOSession.OpenAsync(target, transport);
        await session.SendAsync("40/random,");

        Assert.Single(await session.UntilClosedAsync());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task WhoConnected_IsNotGivenUp(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        // The connect timeout of the contract is a second.
        await Task.Delay(1500, TestContext.Current.CancellationToken);

        await session.SendAsync("""42["message","still here"]""");
        await session.ExpectAsync("""42["message-back","still here"]""");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Disconnect_LeavesTheOtherNamespaces(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);
        await session.SendAsync("40/custom");
        SidOf(await session.ExpectAsync(), "40/custom,");
        await session.ExpectAsync("""42/custom,["auth",{}]""");

        await session.SendAsync("41/custom,");
        await session.SendAsync("""42["message","still here"]""");

        await session.ExpectAsync("""42["message-back","still here"]""");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Disconnect_MayConnectAgain(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await LeaveAsync(session);
        await session.SendAsync("40");

        SidOf(await session.ExpectAsync(), "40");
        await session.ExpectAsync("""42["auth",{}]""");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task EventAfterDisconnect_EndsTheSession(string transport)
    {
        await using var session = await SocketIOSession.ConnectAsync(target, transport);

        await LeaveAsync(session);
        await session.SendAsync("""42["message","late"]""");

        Assert.Empty(await session.UntilClosedAsync());
    }

    /// <summary>Leaves the default namespace. The answer of another one tells that the server has seen it.</summary>
    private static async Task LeaveAsync(IEngineClient session)
    {
        await session.SendAsync("41");
        await session.SendAsync("40/custom,");
        SidOf(await session.ExpectAsync(), "40/custom,");
        await session.ExpectAsync("""42/custom,["auth",{}]""");
    }

    private static string SidOf(string packet, string prefix)
    {
        Assert.StartsWith(prefix + "{", packet, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(packet[prefix.Length..]);
        var property = Assert.Single(json.RootElement.EnumerateObject());
        Assert.Equal("sid", property.Name);
        Assert.Equal(20, property.Value.GetString()!.Length);
        return property.Value.GetString()!;
    }
}
