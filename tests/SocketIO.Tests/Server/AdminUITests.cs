using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>The protocol of <c>@socket.io/admin-ui</c> 0.5, word by word.</summary>
public sealed class AdminUITests
{
    private const string Credentials = """{"username":"admin","password":"secret"}""";

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"username":"admin"}""")]
    [InlineData("""{"username":"admin","password":"wrong"}""")]
    [InlineData("""{"username":"root","password":"secret"}""")]
    [InlineData("""{"sessionId":"guessed"}""")]
    [InlineData("""{"username":["admin"],"password":{}}""")]
    public async Task WithoutTheRightCredentials_NobodyGetsIn(string auth)
    {
        await using var server = await StartAsync();
        await using var client = await TestClient.OpenAsync(server.Url);

        await client.SendAsync("40/admin," + auth);

        await client.ExpectAsync("""44/admin,{"message":"invalid credentials"}""");
    }

    [Fact]
    public async Task WithoutConfiguredCredentials_TheApplicationDoesNotStart()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => TestServer.StartAsync(build: builder => builder.AddAdminUI(_ => { })));

        Assert.Contains("Username and Password", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_MayBeTheApplicationsToVerify_InANamespaceOfItsChoice()
    {
        await using var server = await TestServer.StartAsync(build: builder => builder.AddAdminUI(options =>
        {
            options.NamespaceName = "/watch";
            options.VerifyCredentials = (name, password) => ValueTask.FromResult(password == name + "!");
        }));
        await using var client = await TestClient.OpenAsync(server.Url);

        await client.SendAsync("""40/watch,{"username":"ann","password":"bob!"}""");
        await client.ExpectAsync("""44/watch,{"message":"invalid credentials"}""");
        await client.JoinAsync("/watch", """{"username":"ann","password":"ann!"}""");
    }

    [Fact]
    public async Task Anybody_GetsInWhereTheApplicationSaysSo()
    {
        await using var server = await TestServer.StartAsync(build: builder => builder.AddAdminUI(options => options.AllowAnonymous = true));

        await using var admin = await server.ConnectAsync("/admin");

        Assert.Equal("config", (await ReadAsync(admin, "config"))[0].GetString());
    }

    [Fact]
    public async Task Session_LetsInAgainWithoutThePassword()
    {
        await using var server = await StartAsync();
        await using var admin = await server.ConnectAsync("/admin", Credentials);
        var session = (await ReadAsync(admin, "session"))[1].GetString();

        await using var again = await server.ConnectAsync("/admin", $$"""{"sessionId":"{{session}}"}""");

        Assert.Equal("config", (await ReadAsync(again, "config"))[0].GetString());
    }

    [Fact]
    public async Task Page_SeesSocketsRoomsAndEvents()
    {
        await using var server = await StartAsync(map: io => io.OnConnection(socket => socket.On("ask", (int n) => n + 1)));
        await using var client = await server.ConnectAsync("/", """{"token":"hidden"}""");
        await using var admin = await server.ConnectAsync("/admin", Credentials);

        var features = (await ReadAsync(admin, "config"))[1].GetProperty("supportedFeatures").EnumerateArray().Select(each => each.GetString());
        Assert.Equal(["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT", "AGGREGATED_EVENTS", "ALL_EVENTS"], features);
        var sockets = await ReadAsync(admin, "all_sockets");
        var socket = sockets[1].EnumerateArray().Single(each => each.GetProperty("nsp").GetString() == "/");
        Assert.Equal(client.Id, socket.GetProperty("id").GetString());
        Assert.Equal("websocket", socket.GetProperty("transport").GetString());
        Assert.Equal(12, socket.GetProperty("clientId").GetString()!.Length);
        Assert.DoesNotContain("hidden", sockets.GetRawText(), StringComparison.Ordinal);

        await client.SendAsync("""421["ask",1]""");
        var received = await ReadAsync(admin, "event_received");
        Assert.Equal("""["ask",1]""", received[3].GetRawText());
        Assert.Equal(client.Id, received[2].GetString());
        await server.IO.Sockets.Values.Single().JoinAsync("room");
        var joined = await ReadAsync(admin, "room_joined");
        Assert.Equal(["/", "room", client.Id], [joined[1].GetString(), joined[2].GetString(), joined[3].GetString()]);
        await using (var other = await server.ConnectAsync())
        {
            Assert.Equal(other.Id, (await ReadAsync(admin, "socket_connected"))[1].GetProperty("id").GetString());
        }

        Assert.Equal("transport close", (await ReadAsync(admin, "socket_disconnected"))[3].GetString());
        var stats = (await ReadAsync(admin, "server_stats"))[1];
        Assert.Equal(2, stats.GetProperty("clientsCount").GetInt32());
        Assert.Contains(stats.GetProperty("aggregatedEvents").EnumerateArray(), each => each.GetProperty("type").GetString() == "packetsIn");
    }

    [Fact]
    public async Task Page_SeesDataChange_AndASocketsOwnRoomEnd()
    {
        await using var server = await StartAsync();
        await using var admin = await server.ConnectAsync("/admin", Credentials);
        await using (var client = await server.ConnectAsync())
        {
            await ReadAsync(admin, "all_sockets");
            Assert.Equal(client.Id, (await ReadAsync(admin, "room_joined"))[2].GetString());
            server.IO.Sockets[client.Id].Data["name"] = "Ann";

            var updated = (await ReadAsync(admin, "socket_updated"))[1];
            Assert.Equal($$$"""{"id":"{{{client.Id}}}","nsp":"/","data":{"name":"Ann"}}""", updated.GetRawText());
        }

        await ReadAsync(admin, "socket_disconnected");
        var left = await ReadAsync(admin, "room_left");
        Assert.Equal(left[2].GetString(), left[3].GetString());
    }

    [Fact]
    public async Task Page_SeesTheAddressThatProxiesName()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync("/admin", Credentials);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/socket.io/?EIO=4&transport=polling"));
        request.Headers.Add("X-Forwarded-For", "192.0.2.7");
        using var opened = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var sid = JsonElement.Parse((await opened.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))[1..]).GetProperty("sid").GetString();
        using var joined = await http.PostAsync(new Uri(server.Url, $"/socket.io/?EIO=4&transport=polling&sid={sid}"), new StringContent("40"), TestContext.Current.CancellationToken);

        var socket = (await ReadAsync(client, "socket_connected"))[1];
        while (socket.GetProperty("nsp").GetString() != "/")
        {
            socket = (await ReadAsync(client, "socket_connected"))[1];
        }

        Assert.Equal("192.0.2.7", socket.GetProperty("handshake").GetProperty("address").GetString());
        Assert.Equal("polling", socket.GetProperty("transport").GetString());
    }

    [Fact]
    public async Task Page_Acts()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();
        await using var admin = await server.ConnectAsync("/admin", Credentials);

        await admin.SendAsync($$"""42/admin,["join","/","room","{{client.Id}}"]""");
        await admin.SendAsync("""42/admin,["emit","/","room","hello",1,{"a":2}]""");
        await client.ExpectAsync("""42["hello",1,{"a":2}]""");
        await admin.SendAsync("""42/admin,["leave","/","room",null]""");
        await admin.SendAsync("""42/admin,["emit","/","room","not heard"]""");
        await admin.SendAsync("""42/admin,["emit","/","","heard"]""");
        await client.ExpectAsync("""42["heard"]""");
        await admin.SendAsync("""42/admin,["_disconnect","/",false]""");
        await client.ExpectAsync("41");
        await admin.SendAsync("""42/admin,["emit","/made-up","","hello"]""");
    }

    [Fact]
    public async Task ReadOnlyPage_CannotAct()
    {
        await using var server = await StartAsync(options => options.IsReadOnly = true);
        await using var client = await server.ConnectAsync();
        await using var admin = await server.ConnectAsync("/admin", Credentials);

        await admin.SendAsync("""42/admin,["emit","/","","hello"]""");
        Assert.Equal("server_stats", (await ReadAsync(admin, "server_stats"))[0].GetString());
        await server.IO.EmitAsync("first to be heard");

        await client.ExpectAsync("""42["first to be heard"]""");
    }

    private static Task<TestServer> StartAsync(Action<AdminUIOptions>? configure = null, Action<ISocketIOServer>? map = null) =>
        TestServer.StartAsync(map: map, build: builder => builder.AddAdminUI(options =>
        {
            (options.Username, options.Password, options.ShowsDetails) = ("admin", "secret", true);
            configure?.Invoke(options);
        }));

    /// <summary>Reads on to the next event of that name.</summary>
    private static async Task<JsonElement> ReadAsync(TestClient admin, string name)
    {
        while (true)
        {
            var packet = await admin.ReceiveAsync();
            Assert.NotNull(packet);
            var content = JsonElement.Parse(packet["42/admin,".Length..]);
            if (content[0].GetString() == name)
            {
                return content;
            }
        }
    }
}
