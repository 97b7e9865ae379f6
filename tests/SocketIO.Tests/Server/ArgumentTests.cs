namespace SocketIO.Tests.Server;

/// <summary>What C# takes for a list of arguments, and what was meant.</summary>
public sealed class ArgumentTests
{
    private static readonly string[] Names = ["Ann", "Bob"];
    private static readonly object[] Several = [1, "2"];

    [Fact]
    public async Task Array_IsOneArgument_AndAnArrayOfObjectsIsAll()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();

        await server.IO.EmitAsync("names", Names);
        await client.ExpectAsync("""42["names",["Ann","Bob"]]""");
        await server.IO.Sockets[client.Id].EmitAsync("several", Several);
        await client.ExpectAsync("""42["several",1,"2"]""");
        await server.IO.EmitAsync("nothing", null!);
        await client.ExpectAsync("""42["nothing",null]""");
        await server.IO.EmitAsync("none");
        await client.ExpectAsync("""42["none"]""");
    }
}
