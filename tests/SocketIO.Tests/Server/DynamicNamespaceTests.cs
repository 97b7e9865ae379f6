using System.Text.Json;
using System.Text.RegularExpressions;
using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

public sealed partial class DynamicNamespaceTests
{
    [Fact]
    public async Task Pattern_MakesNamespacesThatClientsAskFor()
    {
        var created = new List<string>();
        await using var server = await TestServer.StartAsync(map: io =>
        {
            io.OnNamespaceCreated(nsp => created.Add(nsp.Name));
            io.Of(Room()).OnConnection(socket => socket.EmitAsync("hello", socket.Namespace.Name).AsTask());
        });

        await using var client = await server.ConnectAsync("/room-1");

        await client.ExpectAsync("""42/room-1,["hello","/room-1"]""");
        Assert.Equal(["/room-1"], created);
        await client.SendAsync("40/room-x,");
        await client.ExpectAsync("""44/room-x,{"message":"Invalid namespace"}""");
    }

    [Fact]
    public async Task Pattern_MatchesTheWholeName()
    {
        await using var server = await TestServer.StartAsync(map: io => io.Of(new Regex(@"/room-\d", RegexOptions.NonBacktracking)));
        await using var client = await TestClient.OpenAsync(server.Url);

        await client.SendAsync("40/room-12,");

        await client.ExpectAsync("""44/room-12,{"message":"Invalid namespace"}""");
    }

    [Fact]
    public async Task Predicate_SeesNameAndAuth()
    {
        await using var server = await TestServer.StartAsync(map: io => io.Of((name, auth) =>
            ValueTask.FromResult(name == "/secret" && auth.ValueKind == JsonValueKind.Object && auth.GetProperty("word").GetString() == "sesame")));
        await using var client = await TestClient.OpenAsync(server.Url);

        await client.SendAsync("""40/secret,{"word":"open"}""");
        await client.ExpectAsync("""44/secret,{"message":"Invalid namespace"}""");
        await client.JoinAsync("/secret", """{"word":"sesame"}""");
    }

    [Fact]
    public async Task Children_InheritMiddlewares_AndHearWhatTheParentEmits()
    {
        ISocketIONamespace parent = null!;
        await using var server = await TestServer.StartAsync(map: io =>
        {
            parent = io.Of(Room());
            parent.Use(socket => socket.Namespace.Name == "/room-9" ? throw new SocketIOException("full", new { max = 2 }) : Task.CompletedTask);
        });
        await using var one = await server.ConnectAsync("/room-1");
        await using var two = await server.ConnectAsync("/room-2");

        await parent.EmitAsync("news", 1);

        await one.ExpectAsync("""42/room-1,["news",1]""");
        await two.ExpectAsync("""42/room-2,["news",1]""");
        await one.SendAsync("40/room-9,");
        await one.ExpectAsync("""44/room-9,{"message":"full","data":{"max":2}}""");
        await Assert.ThrowsAsync<NotSupportedException>(parent.FetchSocketsAsync);
    }

    [Fact]
    public async Task EmptyChild_IsRemovedWhereAskedFor_AndComesAgain()
    {
        var created = 0;
        await using var server = await TestServer.StartAsync(options => options.CleanupEmptyChildNamespaces = true, io =>
        {
            io.OnNamespaceCreated(_ => created++);
            io.Of(Room());
        });
        await using var client = await server.ConnectAsync("/room-1");
        var first = server.IO.Of("/room-1");

        await client.SendAsync("41/room-1,");
        await client.JoinAsync("/room-1");

        Assert.Equal(2, created);
        Assert.NotSame(first, server.IO.Of("/room-1"));
    }

    [Fact]
    public async Task Children_AreBounded()
    {
        await using var server = await TestServer.StartAsync(options => options.MaxChildNamespaces = 2, io => io.Of(Room()));
        await using var client = await server.ConnectAsync("/room-1");

        await client.SendAsync("40/room-2,");

        // The default namespace counts as well.
        await client.ExpectAsync("""44/room-2,{"message":"Invalid namespace"}""");
    }

    [Fact]
    public async Task ManualNamespace_BelongsToThePatternItMatches()
    {
        await using var server = await TestServer.StartAsync(map: io =>
        {
            var created = new List<string>();
            io.OnNamespaceCreated(nsp => created.Add(nsp.Name));
            var rooms = io.Of(new Regex(@"^/room-\d+$"));
            rooms.OnConnection(socket => socket.EmitAsync("welcome").AsTask());
            io.Of("/room-1");
            io.Of("/lobby");
            Assert.Equal(["/room-1", "/lobby"], created);
        });
        await using var client = await server.ConnectAsync("/room-1");

        await client.ExpectAsync("""42/room-1,["welcome"]""");
        await client.SendAsync("40/room-" + new string('1', 2_000));
        Assert.StartsWith("44/room-1", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"/room-\d")]
    private static partial Regex Room();
}
