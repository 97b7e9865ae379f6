using System.Net.WebSockets;
using System.Text;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>More clients than the system lets the gateway have files for.</summary>
public sealed class OpenFilesTests
{
    /// <summary>A gateway without clients has some 300 open, a native one some 100, and two more for each session.</summary>
    private const int MaxOpenFiles = 700;

    private const int Clients = 350;
    private const int ClientsAtLeast = 50;
    private const long MaxResidentBytes = 300L << 20;

    [Fact]
    public async Task ClientsThatThereAreNoFilesFor_WaitUntilOthersLeave()
    {
        await using var system = await RunningSystem.StartAsync(MaxOpenFiles);
        var url = new UriBuilder(system.GatewayUrl) { Scheme = "ws", Host = "127.0.0.1", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri;
        var clients = Enumerable.Range(0, Clients).Select(_ => new ClientWebSocket()).ToArray();
        var connecting = clients.Select(client => client.ConnectAsync(url, TestContext.Current.CancellationToken)).ToArray();
        await Eventually.TrueAsync(
            () => system.LocalHost.Output.Contains("takes no more connections", StringComparison.Ordinal), TimeSpan.FromSeconds(30), "the gateway said that it takes no more connections");

        await Eventually.TrueAsync(() => connecting.Count(each => each.IsCompleted) >= ClientsAtLeast, TimeSpan.FromSeconds(30), "those that are in were served");
        Assert.DoesNotContain(connecting, each => each.IsFaulted);
        Assert.InRange(connecting.Count(each => each.IsCompletedSuccessfully), ClientsAtLeast, Clients - ClientsAtLeast);

        // Those that are in are served as ever.
        for (var i = 0; i < Clients; i++)
        {
            if (connecting[i].IsCompletedSuccessfully)
            {
                await ConnectNamespaceAsync(clients[i]);
            }
        }

        Assert.True(ReadResidentBytes(system) < MaxResidentBytes, $"The gateway has {ReadResidentBytes(system) >> 20} MiB.");

        // One after another: each that leaves makes place.
        var waiting = connecting.ToList();
        while (waiting.Count > 0)
        {
            var first = await Task.WhenAny(waiting).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            await first;
            waiting.Remove(first);
            clients[Array.IndexOf(connecting, first)].Dispose();
        }
    }

    private static async Task ConnectNamespaceAsync(ClientWebSocket client)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var buffer = new byte[4096];
        await client.ReceiveAsync(buffer, cancellation);
        await client.SendAsync("40"u8.ToArray(), WebSocketMessageType.Text, true, cancellation);
        var answer = await client.ReceiveAsync(buffer, cancellation);
        Assert.StartsWith("40{", Encoding.UTF8.GetString(buffer, 0, answer.Count), StringComparison.Ordinal);
    }

    private static long ReadResidentBytes(RunningSystem system) => ProcessMemory.ReadResidentBytes(system.Get("gateway").Pid!.Value);
}
