using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>What a socket knows of how its client came.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task Handshake_SaysHowTheClientCame()
    {
        ISocketIOSocket? socket = null;
        await using var server = await TestServer.StartAsync(
            map: io => io.Of("/a").OnConnection(connected => socket = connected),
            use: app => Microsoft.AspNetCore.Builder.UsePathBaseExtensions.UsePathBase(app, "/base"));
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Add("Origin", "http://elsewhere.test");
        http.DefaultRequestHeaders.Add("X-Custom", "yes");
        var poller = await PollingClient.OpenAsync(http, "/base" + PollingClient.Path + "&key=a%20b&key=c");
        await poller.PostAsync("""40/a,{"token":"t"}""");
        await Eventually.TrueAsync(() => socket is not null, "the client is in");

        var handshake = socket!.Handshake;
        Assert.Equal("/base/socket.io/?EIO=4&transport=polling&key=a%20b&key=c", handshake.Url);
        Assert.Equal(["a b", "c"], handshake.Query["key"].ToArray());
        Assert.Equal("4", handshake.Query["EIO"]);
        Assert.Equal("yes", handshake.Headers["x-custom"]);
        Assert.Equal("127.0.0.1", handshake.Address);
        Assert.True(handshake.IsCrossOrigin);
        Assert.False(handshake.IsSecure);
        Assert.Equal("t", handshake.Auth.GetProperty("token").GetString());
        Assert.InRange(handshake.Time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        Assert.False(socket.User.Identity!.IsAuthenticated);
        Assert.Equal("polling", socket.Session.TransportName);
        Assert.NotEqual(socket.Session.Id, socket.Id);
    }
}
