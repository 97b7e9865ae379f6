using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>Sessions of the conformance host's Socket.IO endpoint.</summary>
internal static class SocketIOSession
{
    public static Task<IEngineClient> OpenAsync(ConformanceTarget target, string transport, int revision = 4) =>
        EngineClient.OpenAsync(target, transport, "/socket.io/", revision);

    /// <summary>Opens a session that has joined the default namespace.</summary>
    public static async Task<IEngineClient> ConnectAsync(ConformanceTarget target, string transport)
    {
        var session = await OpenAsync(target, transport);
        await session.SendAsync("40");
        Assert.StartsWith("40{", await session.ExpectAsync(), StringComparison.Ordinal);
        await session.ExpectAsync("""42["auth",{}]""");
        return session;
    }
}
