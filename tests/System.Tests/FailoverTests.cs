using System.Text.Json;
using StickyAspire.SystemTests.Running;
using StickyAspire.TestSupport;

namespace StickyAspire.SystemTests;

/// <summary>The death of replicas, of Redis, of everything.</summary>
public sealed class FailoverTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false });

    [Fact]
    public async Task ReplicaKilled_ClientsReconnectElsewhereWithinFiveSeconds_AndItIsUsedAgain()
    {
        await using var system = await RunningSystem.StartAsync("--bench");
        await using var clients = NodeScript.Start("failover.mjs", system.GatewayUrl, "--clients", "60");
        var before = Servers(await clients.WaitForAsync("connected", Limit));
        Assert.Contains("s2", before);

        system.Kill("realtime-2");
        clients.WriteLine("s2");

        var recovered = await clients.WaitForAsync("recovered", Limit);
        var after = Servers(recovered);
        Assert.DoesNotContain("s2", after);
        Assert.InRange(recovered.GetProperty("seconds").GetDouble(), 0, 5);

        // Those of other servers have not moved.
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == "s2" || pair.First == pair.Second));
    }

    [Fact]
    public async Task ReplicaKilled_LeavesTheRotationWithinThreeSeconds_AndComesBackByItself()
    {
        await using var system = await RunningSystem.StartAsync("--restart");
        system.Kill("realtime-3");

        // LocalHost starts it again; until it is healthy no request may be lost to it for longer than the limit.
        var killed = System.Diagnostics.Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () => await IsRotationCleanAsync(system), TimeSpan.FromSeconds(3), "a dead replica is out of the rotation");
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(3));

        await system.WaitUntilHealthyAsync();
        await Eventually.TrueAsync(async () => await HandshakeAsync(system.GatewayUrl, null) == "s3", Limit, "the replica is used again");
    }

    [Fact]
    public async Task EverythingRestarted_OldCookieStillLeadsToTheSameServer()
    {
        var cookies = new Dictionary<string, string>();
        await using (var first = await RunningSystem.StartAsync())
        {
            while (cookies.Count < 3)
            {
                using var answer = await Http.GetAsync(new Uri($"{first.GatewayUrl}/socket.io/?EIO=4&transport=polling"), TestContext.Current.CancellationToken);
                cookies[await ReadServerAsync(answer)] = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
            }
        }

        await using var second = await RunningSystem.StartAsync();
        foreach (var (server, cookie) in cookies)
        {
            // A server that starts on a busy machine may miss its first checks and be out for a moment. Ten in a row are no luck.
            await Eventually.TrueAsync(async () => await LeadsTenTimesAsync(second.GatewayUrl, cookie, server), Limit, $"the cookie of {server} leads to it");
        }
    }

    [Fact]
    public async Task RedisKilled_LocalDeliveryGoesOn_AndTheRestResumesByItself()
    {
        await using var system = await RunningSystem.StartAsync("--restart");
        var room = Guid.NewGuid().ToString("N");
        await using var sender = Join(system, "socket.io", "s1", room, "sender");
        await sender.WaitForAsync("ready", Limit);
        await using var local = Join(system, "socket.io", "s1", room, "local");
        await local.WaitForAsync("ready", Limit);
        await using var localSignalR = Join(system, "signalr", "s1", room, "local-signalr");
        await localSignalR.WaitForAsync("ready", Limit);
        await using var remote = Join(system, "socket.io", "s2", room, "remote");
        await remote.WaitForAsync("ready", Limit);
        await using var remoteSignalR = Join(system, "signalr", "s3", room, "remote-signalr");
        await remoteSignalR.WaitForAsync("ready", Limit);
        RunningProgram[] everybody = [local, localSignalR, remote, remoteSignalR];
        sender.WriteLine("before");
        await Eventually.TrueAsync(() => everybody.All(client => Heard(client, "before")), Limit, "all heard the message before");
        var pids = system.Resources.Where(resource => resource.Name != "backplane").Select(resource => resource.Pid).ToList();

        system.Kill("backplane");
        sender.WriteLine("meanwhile");

        await Eventually.TrueAsync(() => Heard(local, "meanwhile") && Heard(localSignalR, "meanwhile"), Limit, "those on the same replica heard the message meanwhile");
        await system.WaitUntilHealthyAsync();
        var attempt = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                var text = $"after {attempt++}";
                sender.WriteLine(text);
                await Eventually.TrueAsync(() => Heard(local, text), Limit, "the message was sent");
                return everybody.All(client => client.Output.Contains("\"text\":\"after ", StringComparison.Ordinal));
            },
            TimeSpan.FromSeconds(30),
            "all hear again");
        Assert.Equal(pids, system.Resources.Where(resource => resource.Name != "backplane").Select(resource => resource.Pid));

        // Once each, whichever protocol the sender speaks and however it gets there.
        sender.WriteLine("last by socket.io");
        localSignalR.WriteLine("last by signalr");
        string[] last = ["last by socket.io", "last by signalr"];
        await Eventually.TrueAsync(() => everybody.All(client => last.All(text => Count(client, text) > 0)), Limit, "all heard the last messages");
        Assert.All(everybody, client => Assert.All(last.Append("before"), text => Assert.Equal(1, Count(client, text))));
        Assert.Equal(1, Count(local, "meanwhile"));
        Assert.Equal(1, Count(localSignalR, "meanwhile"));

        // Sooner or later: Socket.IO goes by streams, which keep what they could not write. SignalR's backplane keeps nothing.
        await Eventually.TrueAsync(() => Count(remote, "meanwhile") == 1, Limit, "the message meanwhile reached the other replica's Socket.IO client");
        Assert.InRange(Count(remoteSignalR, "meanwhile"), 0, 1);
    }

    [Fact]
    public async Task RedisGone_ReplicasAreDegraded_AndServeTheirClientsOfBothProtocols()
    {
        await using var system = await RunningSystem.StartAsync();
        Assert.Equal("Healthy", await ReadHealthAsync(system, "s1"));
        var room = Guid.NewGuid().ToString("N");
        await using var socketIO = Join(system, "socket.io", "s1", room, "socketio");
        await socketIO.WaitForAsync("ready", Limit);
        await using var signalR = Join(system, "signalr", "s1", room, "signalr");
        await signalR.WaitForAsync("ready", Limit);

        system.Kill("backplane");

        foreach (var server in (string[])["s1", "s2", "s3"])
        {
            await Eventually.TrueAsync(async () => await ReadHealthAsync(system, server) == "Degraded", Limit, $"{server} is degraded");
        }

        socketIO.WriteLine("by socket.io");
        signalR.WriteLine("by signalr");
        RunningProgram[] both = [socketIO, signalR];
        await Eventually.TrueAsync(() => both.All(client => Count(client, "by socket.io") > 0 && Count(client, "by signalr") > 0), Limit, "both heard both");
        Assert.All(both, client => Assert.All((string[])["by socket.io", "by signalr"], text => Assert.Equal(1, Count(client, text))));

        // Nobody is unseated: every server still takes sessions.
        foreach (var server in (string[])["s1", "s2", "s3"])
        {
            Assert.Equal(server, await HandshakeAsync(system.GatewayUrl, "SERVERID=" + server));
        }
    }

    [Fact]
    public async Task GatewayKilled_ClientsComeBackToTheirServers()
    {
        await using var system = await RunningSystem.StartAsync("--bench", "--restart", "--port", FreePort.Take().ToString(System.Globalization.CultureInfo.InvariantCulture));
        await using var clients = NodeScript.Start("failover.mjs", system.GatewayUrl, "--clients", "12");
        await clients.WaitForAsync("connected", Limit);

        system.Kill("gateway");
        clients.WriteLine("none");

        var recovered = await clients.WaitForAsync("recovered", Limit);
        Assert.Equal(12, Servers(recovered).Count);
    }

    private static RunningProgram Join(RunningSystem system, string protocol, string server, string room, string name) =>
        NodeScript.Start("listen.mjs", system.GatewayUrl, "--protocol", protocol, "--server", server, "--room", room, "--name", name);

    private static bool Heard(RunningProgram client, string text) => client.Output.Contains($"\"text\":\"{text}\"", StringComparison.Ordinal);

    private static int Count(RunningProgram client, string text) =>
        client.Lines.Count(line => line.StartsWith("{\"what\":\"message\"", StringComparison.Ordinal) && line.Contains($"\"text\":\"{text}\"", StringComparison.Ordinal));

    private static async Task<string> ReadHealthAsync(RunningSystem system, string server)
    {
        using var answer = await Http.GetAsync(new Uri($"{system.Replica(server).Url}/health"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static List<string?> Servers(JsonElement line) => [.. line.GetProperty("servers").EnumerateArray().Select(server => server.GetString())];

    /// <summary>Whether as many requests as there are servers, twice over, all find a living one.</summary>
    private static async Task<bool> IsRotationCleanAsync(RunningSystem system)
    {
        for (var i = 0; i < 6; i++)
        {
            using var answer = await Http.GetAsync(new Uri($"{system.GatewayUrl}/socket.io/?EIO=4&transport=polling"), TestContext.Current.CancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> LeadsTenTimesAsync(string gateway, string cookie, string server)
    {
        for (var i = 0; i < 10; i++)
        {
            if (await HandshakeAsync(gateway, cookie) != server)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<string> HandshakeAsync(string gateway, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{gateway}/socket.io/?EIO=4&transport=polling");
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await ReadServerAsync(answer);
    }

    private static async Task<string> ReadServerAsync(HttpResponseMessage answer)
    {
        var open = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonElement.Parse(open[1..]).GetProperty("sid").GetString()!.Split('.')[0];
    }
}
