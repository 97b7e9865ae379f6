using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Tunnels.Running;

namespace Yarp.Tests.Tunnels;

/// <summary>Many tunnels, and what changes around them.</summary>
public sealed class TunnelEnduranceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TenThousandReloads_Drop_None_Of500LiveTunnels()
    {
        const int Reloads = 10_000;
        const int Tunnels = 500;
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        var applied = new AppliedConfigs();
        await using var gateway = await Gateway.StartAsync([server.Url], services: services => services.AddSingleton<IConfigChangeListener>(applied));
        var clients = new List<ClientWebSocket>();
        for (var i = 0; i < Tunnels; i++)
        {
            clients.Add(new ClientWebSocket());
            await clients[i].ConnectAsync(gateway.WebSocketUrl, Cancellation);
        }

        var config = gateway.Services.GetRequiredService<InMemoryConfigProvider>();
        for (var i = 0; i < Reloads; i++)
        {
            // Another one each time, or YARP would see that nothing has changed.
            var metadata = new Dictionary<string, string> { ["Tunnel.IdleTimeout"] = $"{i + 10}s" };
            var next = applied.Next;
            config.Update([Gateway.CreateRoute()], [Gateway.CreateCluster([server.Url], metadata)]);
            await next.WaitAsync(Cancellation);
            if (i % (Reloads / Tunnels) == 0)
            {
                await EchoAsync(clients[i / (Reloads / Tunnels)]);
            }
        }

        Assert.Equal(Reloads, applied.Count);
        Assert.Equal($"{Reloads + 9}s", gateway.Cluster.Model.Config.Metadata!["Tunnel.IdleTimeout"]);
        Assert.Equal(Tunnels, gateway.Active);
        await Task.WhenAll(clients.Select(EchoAsync));
        clients.ForEach(client => client.Abort());
    }

    [Fact]
    public async Task TenThousandTunnels_OneAfterAnother_LeaveNothingBehind()
    {
        const int Warmup = 500;
        const int Count = 10_000;
        await using var server = await WebServer.StartAsync(WebServer.EchoAsync);
        await using var gateway = await Gateway.StartAsync(server);
        await OpenAndCloseAsync(gateway, Warmup);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var handles = CountHandles();

        await OpenAndCloseAsync(gateway, Count);

        Assert.Equal(Warmup + Count, gateway.Registry.FindCounters(gateway.Server("s1"))!.Opened);
        await Eventually.TrueAsync(() => CountHandles() <= handles + 20, "the sockets are closed");
        await Eventually.TrueAsync(() => GC.GetTotalMemory(forceFullCollection: true) < memory + 4_000_000, "the memory is free");
    }

    private static async Task OpenAndCloseAsync(Gateway gateway, int count)
    {
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (i, _) =>
        {
            using var client = await RawConnection.OpenAsync(gateway.Port);
            if (i % 2 == 0)
            {
                // In order; the others just leave.
                await client.SendAsync(new byte[] { 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8 });
                Assert.Equal([0x88, 2, 0x03, 0xE8], await client.ReceiveAsync(4));
            }
        });
        await Eventually.TrueAsync(() => gateway.Active == 0, "all tunnels have ended");
    }

    private static int CountHandles() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    private static async Task EchoAsync(ClientWebSocket client)
    {
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        Assert.Equal("hello"u8.ToArray(), await TunnelTests.ReceiveAsync(client));
    }

    private sealed class AppliedConfigs : IConfigChangeListener
    {
        private TaskCompletionSource _next = new();

        public int Count { get; private set; } = -1;

        public Task Next => _next.Task;

        public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
        {
            Count++;
            var done = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            done.SetResult();
        }

        public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => _next.TrySetException(exception);

        public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => _next.TrySetException(exception);

        public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
        {
        }
    }
}
