using System.Net.WebSockets;
using System.Text;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>What sessions leave behind in the processes of their own, where no other test's share is counted.</summary>
public sealed class LeakTests
{
    private const int Sessions = 2_000;
    private const int Rounds = 3;
    private const int AtOnce = 32;

    /// <summary>Connections that are kept for the next request, to replicas and to Redis.</summary>
    private const int SpareFiles = 64;

    /// <summary>What a process may grow by for other reasons: compiled code, garbage that is not due yet. A leak of all that belongs to a session would be more.</summary>
    private const long SpareBytes = 40 << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly string[] Names = ["gateway", "realtime-1", "realtime-2", "realtime-3"];

    [Fact]
    public async Task SessionsThatHaveEnded_LeaveNoConnectionAndNoMemoryBehind()
    {
        await using var system = await RunningSystem.StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await OpenAndCloseAsync(system);
        }

        var files = Names.ToDictionary(name => name, name => CountFiles(system, name));
        var memory = Names.ToDictionary(name => name, name => ReadResidentBytes(system, name));
        for (var round = 0; round < Rounds; round++)
        {
            await OpenAndCloseAsync(system);
        }

        foreach (var name in Names)
        {
            await Eventually.TrueAsync(
                () => CountFiles(system, name) <= files[name] + SpareFiles, Limit, $"{name} has no more open files than {files[name]} and some");
            Assert.True(
                ReadResidentBytes(system, name) <= memory[name] + SpareBytes,
                $"{name} has grown from {memory[name] >> 20} to {ReadResidentBytes(system, name) >> 20} MiB by {Rounds * Sessions} sessions.");
        }
    }

    private static Task OpenAndCloseAsync(RunningSystem system)
    {
        var url = new UriBuilder(system.GatewayUrl) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken };
        return Parallel.ForAsync(0, Sessions, options, async (i, cancellation) =>
        {
            using var client = new ClientWebSocket();
            await client.ConnectAsync(url, cancellation);
            var buffer = new byte[4096];
            await client.ReceiveAsync(buffer, cancellation);
            await client.SendAsync("40"u8.ToArray(), WebSocketMessageType.Text, true, cancellation);
            var answer = await client.ReceiveAsync(buffer, cancellation);
            Assert.StartsWith("40", Encoding.UTF8.GetString(buffer, 0, answer.Count), StringComparison.Ordinal);
            if (i % 2 == 0)
            {
                // In order; the others just leave.
                await client.SendAsync("41"u8.ToArray(), WebSocketMessageType.Text, true, cancellation);
                await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
            }
        });
    }

    private static int CountFiles(RunningSystem system, string name) => Directory.GetFiles($"/proc/{system.Get(name).Pid}/fd").Length;

    private static long ReadResidentBytes(RunningSystem system, string name) => ProcessMemory.ReadResidentBytes(system.Get(name).Pid!.Value);
}
