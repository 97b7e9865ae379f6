using StickyAspire.SocketIO;

namespace SocketIO.Tests.Server;

/// <summary>Events between servers, where there is one server alone. Clusters are tested with their adapters.</summary>
public sealed class ServerSideEmitTests
{
    [Fact]
    public async Task OneServerAlone_HasNobodyToTell()
    {
        await using var server = await TestServer.StartAsync();
        var heard = false;
        server.IO.On("ping", () => heard = true);

        await server.IO.ServerSideEmitAsync("ping");

        Assert.Empty(await server.IO.ServerSideEmitWithAckAsync<int>("ping"));
        Assert.False(heard);
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("connection")]
    [InlineData("new_namespace")]
    public async Task ReservedName_IsRefused(string name)
    {
        await using var server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(async () => await server.IO.ServerSideEmitAsync(name));
    }
}
