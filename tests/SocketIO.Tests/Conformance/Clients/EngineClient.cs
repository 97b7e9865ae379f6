using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>Opens sessions on either transport.</summary>
internal static class EngineClient
{
    public static async Task<IEngineClient> OpenAsync(ConformanceTarget target, string transport, string path = "/engine.io/", int revision = 4) =>
        transport == "polling"
            ? await PollingClient.OpenAsync(target, path, revision)
            : await WebSocketEngineClient.OpenAsync(target, path, revision);

    /// <summary>The next packet, which must be there.</summary>
    public static async Task<string> ExpectAsync(this IEngineClient client)
    {
        var packet = await client.NextAsync();
        Assert.True(packet is not null, "The session has ended.");
        return packet;
    }

    /// <summary>The next packets must be these.</summary>
    public static async Task ExpectAsync(this IEngineClient client, params string[] packets)
    {
        foreach (var packet in packets)
        {
            Packets.AssertEqual(packet, await client.ExpectAsync());
        }
    }

    /// <summary>Reads on until the session ends, and returns what came until then.</summary>
    public static async Task<List<string>> UntilClosedAsync(this IEngineClient client)
    {
        var packets = new List<string>();
        while (await client.NextAsync() is { } packet)
        {
            packets.Add(packet);
        }

        return packets;
    }
}
