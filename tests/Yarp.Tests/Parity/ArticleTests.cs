using Microsoft.Extensions.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>The article's own file in the real haproxy, and the gateway's own appsettings.json in ours.</summary>
public sealed class ArticleTests : GatewayTest
{
    /// <summary>But for ports it is the article's word for word, its commented lines and its spelling included. <c>{s1}</c> and so on are the servers' addresses.</summary>
    private const string Article = """
        frontend Local_Server
            bind localhost:{port}
            mode http
            default_backend my_web_servers
            # Any URL beginning with socket.io will be flagged as 'is_websocket'
            acl is_websocket path_beg /socket.io
            acl is_websocket hdr(Upgrade) -i WebSocket
            acl is_websocket hdr_beg(Host) -i ws
            use_backend websockets if is_websocket
            stats enable
            stats hide-version
            stats realm Haproxy\ Statistics
            stats uri /haproxy?stats
            stats auth 123:123

        backend my_web_servers
            mode http
            # balance source
            hash-type consistent
            hash-balance-factor 125
            server sockerserver1 {s1}
            server sockerserver2 {s2}

        backend websockets
            mode http
            balance leastconn
            cookie SERVERID insert indirect nocache
            # hash-type consistent
            # hash-balance-factor 125
            server ws-server1 {s1} weight 1 maxconn 1024 check cookie s1
            server ws-server2 {s2} weight 1 maxconn 1024 check cookie s2
            server ws-server3 {s3} weight 1 maxconn 1024 check cookie s3

        """;

    [Fact]
    public async Task HAProxy_WithTheArticlesFile_AndTheGateway_WithItsOwn_AnswerTheSame()
    {
        Assert.SkipUnless(HAProxyBalancer.IsInstalled, "haproxy is not installed.");

        var file = Upstreams.Aggregate(Article, (text, each) => text.Replace($"{{{each.Id}}}", $"127.0.0.1:{each.Port}", StringComparison.Ordinal));
        await using var haproxy = await HAProxyBalancer.StartAsync(file, "websockets");
        await using var gateway = new GatewayBalancer(await Gateway.StartAsync(ReadGatewaysOwn()));

        Assert.Equal(await RunAsync(haproxy), await RunAsync(gateway));
    }

    private async Task<string> RunAsync(IBalancer balancer)
    {
        var run = new Scenario(balancer, Upstreams);

        // Which backend: only that of WebSockets has a cookie.
        await run.SendBalancedAsync("/socket.io/?EIO=4&transport=polling");
        await run.SendBalancedAsync("/socket.io");
        await run.SendBalancedAsync("/");
        await run.SendBalancedAsync("/index.html");
        await run.SendBalancedAsync("/other/socket.io/");
        await run.SendBalancedAsync("/", headers: "Host: ws.example.org");
        await run.SendBalancedAsync("/", headers: "Host: WS.example.org");
        await run.SendBalancedAsync("/", headers: "Host: www.example.org");

        // What becomes of the cookie.
        foreach (var server in new[] { "s1", "s2", "s3" })
        {
            await run.SendAsync("/socket.io/?EIO=4&transport=polling", $"a=1; SERVERID={server}; b=2");
            var (socket, name) = await balancer.Client.ConnectAsync("/ws", $"SERVERID={server}");
            run.Note($"WebSocket by its header: {name}");
            socket.Dispose();
            (socket, name) = await balancer.Client.ConnectAsync("/socket.io/?EIO=4&transport=websocket", $"SERVERID={server}");
            run.Note($"WebSocket by its path: {name}");
            socket.Dispose();
        }

        await run.SendBalancedAsync("/socket.io/?EIO=4&transport=polling", "SERVERID=s9; a=1");
        await run.SendBalancedAsync("/index.html", "SERVERID=x; a=1");
        await run.SendBalancedAsync("/index.html?set-cookie=SERVERID%3Dmine");
        await run.SendAsync("/socket.io/?set-cookie=SERVERID%3Dmine", "SERVERID=s2");

        // A crowd of new sessions is spread evenly.
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 30; i++)
        {
            var server = (await balancer.Client.SendAsync("/socket.io/?EIO=4&transport=polling")).Server;
            counts[server] = counts.GetValueOrDefault(server) + 1;
        }

        run.Note(string.Join(' ', counts.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Key}={each.Value}")));
        return string.Join('\n', run.Transcript);
    }

    private IConfigurationSection ReadGatewaysOwn()
    {
        var addresses = Upstreams.SelectMany(each => new[] { "websockets", "web" }.Select(
            cluster => KeyValuePair.Create<string, string?>($"ReverseProxy:Clusters:{cluster}:Destinations:{each.Id}:Address", each.Address)));

        // As Normalize has it, HAProxy's cookie is not for HTTP only.
        return new ConfigurationBuilder()
            .AddJsonFile(Repository.PathOf("Gateway/appsettings.json"))
            .AddInMemoryCollection([.. addresses, new("ReverseProxy:Clusters:websockets:SessionAffinity:Cookie:HttpOnly", "false")])
            .Build()
            .GetSection("ReverseProxy");
    }
}
