using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StickyAspire.Trunks;

namespace Replica.Tests.Trunks;

/// <summary>Who gets a trunk, and who does not.</summary>
public sealed class TrunkEndpointTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: " + TrunkProtocol.Name + "\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trunks_AreOffByDefault() => Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(isEnabled: false, Upgrade), StringComparison.Ordinal);

    [Theory]
    [InlineData("X-Forwarded-For: 10.0.0.1")]
    [InlineData("Forwarded: for=10.0.0.1")]
    [InlineData("Via: 1.1 proxy")]
    public async Task WhoeverComesByAProxy_GetsNone(string header) =>
        Assert.StartsWith("HTTP/1.1 403 ", await AskAsync(isEnabled: true, Upgrade + header + "\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\n")]
    public async Task WhoeverAsksForSomethingElse_IsToldWhatThereIs(string headers)
    {
        var answer = await AskAsync(isEnabled: true, headers);
        Assert.StartsWith("HTTP/1.1 426 ", answer, StringComparison.Ordinal);
        Assert.Contains($"Upgrade: {TrunkProtocol.Name}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereKestrelCountsConnections_ThereAreNone() =>
        Assert.StartsWith("HTTP/1.1 501 ", await AskAsync(isEnabled: true, Upgrade, kestrel => kestrel.Limits.MaxConcurrentConnections = 100), StringComparison.Ordinal);

    /// <param name="isBetween">Whether a middleware of connections stands between, as TLS does: then the trunk stays in its request.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gateway_GetsOne_WhoseStreamsAreConnections(bool isBetween)
    {
        await using var app = await StartAsync(isEnabled: true, connections: isBetween ? options => options.Use(PutBetween) : null);
        using var client = new TcpClient();
        Assert.StartsWith("HTTP/1.1 101 ", await AskAsync(app, client, Upgrade), StringComparison.Ordinal);

        var trunk = new Trunk(new StreamTrunkTransport(client.GetStream(), client.Dispose), null, inline: false, TimeProvider.System);
        var end = trunk.RunAsync();
        for (var i = 0; i < 2; i++)
        {
            var stream = trunk.TryOpen()!;
            Assert.True(stream.Send("GET /sticky/trunk HTTP/1.1\r\nHost: replica\r\nConnection: close\r\n\r\n"u8) > 0);
            var read = await stream.Input.ReadAtLeastAsync(1, Cancellation);
            Assert.StartsWith("HTTP/1.1 426 ", Encoding.ASCII.GetString(read.Buffer), StringComparison.Ordinal);
            stream.Close();
        }

        trunk.Abort();
        await end;
    }

    private static ConnectionDelegate PutBetween(ConnectionDelegate next) => connection =>
    {
        connection.Transport = new Between(connection.Transport);
        return next(connection);
    };

    private static async Task<string> AskAsync(bool isEnabled, string headers, Action<KestrelServerOptions>? configure = null)
    {
        await using var app = await StartAsync(isEnabled, configure);
        using var client = new TcpClient();
        return await AskAsync(app, client, headers);
    }

    private static async Task<string> AskAsync(WebApplication app, TcpClient client, string headers)
    {
        await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port, Cancellation);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {TrunkProtocol.Path} HTTP/1.1\r\nHost: replica\r\n{headers}\r\n"), Cancellation);
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Cancellation));
    }

    private static async Task<WebApplication> StartAsync(bool isEnabled, Action<KestrelServerOptions>? configure = null, Action<ListenOptions>? connections = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => connections?.Invoke(listen));
            configure?.Invoke(kestrel);
        });
        builder.Services.AddReplica(options => options.Trunks = isEnabled);
        var app = builder.Build();
        app.UseReplica();
        app.MapReplica();
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed class Between(IDuplexPipe inner) : IDuplexPipe
    {
        public PipeReader Input => inner.Input;

        public PipeWriter Output => inner.Output;
    }
}
