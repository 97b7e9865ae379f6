using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
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

    [Fact]
    public async Task Gateway_GetsOne() => Assert.StartsWith("HTTP/1.1 101 ", await AskAsync(isEnabled: true, Upgrade), StringComparison.Ordinal);

    private static async Task<string> AskAsync(bool isEnabled, string headers, Action<KestrelServerOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            configure?.Invoke(kestrel);
        });
        builder.Services.AddReplica(options => options.Trunks = isEnabled);
        await using var app = builder.Build();
        app.UseReplica();
        app.MapReplica();
        await app.StartAsync(Cancellation);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port, Cancellation);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {TrunkProtocol.Path} HTTP/1.1\r\nHost: replica\r\n{headers}\r\n"), Cancellation);
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Cancellation));
    }
}
