using SocketIO.AdapterSpecs.Running;
using StickyAspire.SocketIO;
using StickyAspire.TestSupport;

namespace SocketIO.AdapterSpecs;

/// <summary>
/// What every adapter promises, whether for one server or a cluster. Derive from it, say how the adapter is added and how many servers it is for, and xUnit runs the promises as tests of the derived class.
/// Each test has servers of its own, with one client each.
/// </summary>
public abstract partial class AdapterSpec : IAsyncLifetime
{
    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromSeconds(60);

    /// <summary>How many servers form the cluster. 1 for an adapter that knows no others.</summary>
    protected virtual int ServerCount => 3;

    protected IReadOnlyList<SpecServer> Servers { get; private set; } = [];

    protected SpecClient[] Clients { get; private set; } = [];

    /// <summary>Adds the adapter to a server.</summary>
    protected abstract void AddAdapter(ISocketIOBuilder builder);

    /// <summary>Sets further options of the servers.</summary>
    protected virtual void Configure(SocketIOOptions options)
    {
    }

    public virtual async ValueTask InitializeAsync()
    {
        Servers = await Task.WhenAll(Enumerable.Range(0, ServerCount).Select(_ => SpecServer.StartAsync(AddAdapter, Configure)));
        Clients = await Task.WhenAll(Servers.Select(server => SpecClient.ConnectAsync(server)));
        await WarmUpAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var client in Clients)
        {
            await client.DisposeAsync();
        }

        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Waits until every server counts all, and hears all.</summary>
    protected async Task WarmUpAsync(string name = "warm-up")
    {
        foreach (var server in Servers)
        {
            await Eventually.TrueAsync(async () => await CountAsync(server) == ServerCount, () => $"{ServerCount} servers were counted", WarmUpLimit);
        }

        await Eventually.TrueAsync(
            async () =>
            {
                for (var i = 0; i < ServerCount; i++)
                {
                    await Servers[i].IO.EmitAsync($"{name} {i}");
                }

                return Clients.All(client => Enumerable.Range(0, ServerCount).All(i => client.Received($"{name} {i}").Count > 0));
            },
            () => "every server heard every other one",
            WarmUpLimit);
    }

    private protected static async Task<int> CountAsync(SpecServer server)
    {
        try
        {
            return await server.IO.ServerCountAsync();
        }
        catch (TimeoutException)
        {
            return -1;
        }
    }

    /// <summary>Waits until exactly these clients got the event, once each, and whatever was sent before it has come.</summary>
    protected async Task AssertHeardAsync(string name, params SpecClient[] expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        await Eventually.TrueAsync(() => expected.All(client => client.Received(name).Count > 0), () => $"{Names(expected)} heard \"{name}\"; {Names(Clients.Where(client => client.Received(name).Count > 0))} did");
        await FenceAsync();
        Assert.Equal(Names(expected), Names(Clients.Where(client => client.Received(name).Count == 1)));
        Assert.DoesNotContain(Clients, client => client.Received(name).Count > 1);
    }

    /// <summary>When an event of each server that came after all else has reached each client, so has all else.</summary>
    protected async Task FenceAsync()
    {
        var fence = Guid.NewGuid().ToString("N");
        foreach (var server in Servers)
        {
            await server.IO.EmitAsync(fence);
        }

        await Eventually.TrueAsync(() => Clients.All(client => client.Received(fence).Count == ServerCount), () => "the events that close the test reached everyone");
    }

    /// <summary>Joins a room by the client's own server, and waits until what any server emits to it gets there.</summary>
    protected async Task JoinAsync(string room, params SpecClient[] clients)
    {
        ArgumentNullException.ThrowIfNull(clients);
        foreach (var client in clients)
        {
            await client.Server.IO.Sockets[client.Id].JoinAsync(room);
        }

        // An adapter may subscribe for a room only when somebody is in it.
        var probe = $"probe {Guid.NewGuid():N}";
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var (i, server) in Servers.Index())
                {
                    await server.IO.To(room).EmitAsync($"{probe} {i}");
                }

                return clients.All(client => Enumerable.Range(0, ServerCount).All(i => client.Received($"{probe} {i}").Count > 0));
            },
            () => $"{Names(clients)} are reached in {room}");
    }

    protected string Names(IEnumerable<SpecClient> clients) =>
        string.Join(", ", clients.Select(client => Array.IndexOf(Clients, client)).Order().Select(i => $"client {i}").DefaultIfEmpty("nobody"));
}
