using System.Text.Json;
using Cluster.Tests.Running;
using StickyAspire.SocketIO.Redis;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Scenarios;

/// <summary>Processes that emit into the cluster and serve no clients.</summary>
public abstract partial class ClusterScenarios<TCluster>
{
    [Fact]
    public async Task OurEmitter_ReachesEveryServersClients()
    {
        await using var emitter = new Emitter(cluster.Redis.ConnectionString, options =>
        {
            options.Mode = cluster.Adapter.StartsWith("sharded", StringComparison.Ordinal) ? RedisAdapterMode.Sharded
                : cluster.Adapter == "streams" ? RedisAdapterMode.Streams : RedisAdapterMode.PubSub;
            options.SubscriptionMode = cluster.Adapter switch
            {
                "sharded-static" => ShardedSubscriptionMode.Static,
                "sharded-dynamic-private" => ShardedSubscriptionMode.DynamicPrivate,
                _ => ShardedSubscriptionMode.Dynamic,
            };
        });
        await AssertEmitterAsync(async operations =>
        {
            foreach (var operation in operations)
            {
                var target = emitter.Of(operation.Nsp).To(operation.Rooms).Except(operation.Except);
                await (operation.Op switch
                {
                    "emit" => target.EmitAsync((string)operation.Args[0], [.. operation.Args[1..].Select(argument => argument is Dictionary<string, string> bytes ? Convert.FromBase64String(bytes["$binary"]) : argument)]),
                    "socketsJoin" => target.SocketsJoinAsync((string)operation.Args[0]),
                    "socketsLeave" => target.SocketsLeaveAsync((string)operation.Args[0]),
                    "disconnectSockets" => target.DisconnectSocketsAsync(),
                    _ => emitter.Of(operation.Nsp).ServerSideEmitAsync((string)operation.Args[0], operation.Args[1..]),
                });
            }
        });
    }

    [Fact]
    public async Task NodesEmitter_ReachesEveryServersClients()
    {
        await AssertEmitterAsync(cluster.Adapter switch
        {
            "streams" => AppendAsync,
            "pubsub" or "pubsub-specific" => PublishAsync,
            // Node has none for this mode. What ours sends is what a server sends.
            _ => PublishAsEmitterAsync,
        });

        async Task PublishAsync(EmitterOperation[] operations)
        {
            await using var node = new ChildProcess(
                "node", [Path.Combine(Paths.Clients, "emitter.mjs"), cluster.Redis.ConnectionString, JsonSerializer.Serialize(operations, JsonSerializerOptions.Web)], new Dictionary<string, string>());
            await Eventually.TrueAsync(() => node.HasExited, () => $"the emitter ended. It said:\n{node.Output}");
        }

        // @socket.io/redis-streams-emitter 0.1 is in no registry that the tests can count on: its entries, field by field.
        async Task AppendAsync(EmitterOperation[] operations)
        {
            foreach (var operation in operations)
            {
                var (type, data) = Describe(operation);
                await cluster.Database.StreamAddAsync("socket.io", [new("uid", "emitter"), new("nsp", operation.Nsp), new("type", type), new("data", data)]);
            }
        }

        async Task PublishAsEmitterAsync(EmitterOperation[] operations)
        {
            foreach (var operation in operations)
            {
                var (type, data) = Describe(operation);
                await cluster.Database.ExecuteAsync("SPUBLISH", $"socket.io#{operation.Nsp}#", $$"""{"uid":"emitter","nsp":"{{operation.Nsp}}","type":{{type}},"data":{{data}}}""");
            }
        }
    }

    private async Task AssertEmitterAsync(Func<EmitterOperation[], Task> runAsync)
    {
        var guests = await ConnectAsync("/custom");
        var callbacks = await ListenAsync("to servers", _ => null);
        await JoinAsync("some", Clients[0], Clients[^1]);
        object[] arguments = cluster.Adapter.StartsWith("pubsub", StringComparison.Ordinal) ? [1, "ünï", new Dictionary<string, string> { ["$binary"] = "AXsC" }] : [1, "ünï"];

        await runAsync([
            new("emit", ["to all", .. arguments]),
            new("emit", ["to some"]) { Rooms = ["some"] },
            new("emit", ["to some and one"]) { Rooms = ["some", Clients[1].Id] },
            new("emit", ["to others"]) { Except = ["some"] },
            new("emit", ["to one"]) { Rooms = [Clients[1].Id] },
            new("emit", ["to guests"]) { Nsp = "/custom" },
            new("serverSideEmit", ["to servers", 1, "2"]),
            new("socketsJoin", ["joined"]) { Rooms = ["some"] },
            new("socketsLeave", ["some"]) { Except = [Clients[0].Id] },
            new("disconnectSockets", []) { Nsp = "/custom", Except = [guests[0].Id] },
        ]);

        await AssertHeardAsync("to all", Clients, Json(arguments));
        await AssertHeardAsync("to some", [Clients[0], Clients[^1]]);
        await AssertHeardAsync("to some and one", [Clients[0], Clients[1], Clients[^1]]);
        await AssertHeardAsync("to others", Clients[1..^1]);
        await AssertHeardAsync("to one", [Clients[1]]);
        await AssertMembersAsync("joined", Clients[0], Clients[^1]);
        await AssertMembersAsync("some", Clients[0]);
        await Eventually.TrueAsync(() => guests.Skip(1).All(guest => guest.DisconnectReason == "io server disconnect"), () => "all guests but one were disconnected");
        await Eventually.TrueAsync(() => callbacks.All(callback => callback.Received.Count == 1), () => "every server heard what was for servers");
        await Eventually.TrueAsync(() => guests.All(guest => guest.Received("to guests").Length > 0), () => "every guest heard what was for guests");
        Assert.All(guests, guest => Assert.Single(guest.Received("to guests")));
        Assert.Null(guests[0].DisconnectReason);
        Assert.All(callbacks, callback => AssertJson("""[{"args":[1,"2"],"withAck":false}]""", JsonElement.Parse($"[{callback.Received.Single().GetRawText()}]")));
    }

    /// <summary>An operation as the cluster adapters' envelope has it.</summary>
    private static (int Type, string Data) Describe(EmitterOperation operation)
    {
        var opts = new { rooms = operation.Rooms, except = operation.Except, flags = new { } };
        return operation.Op switch
        {
            "emit" => (3, Json(new { packet = new { type = 2, data = operation.Args, nsp = operation.Nsp }, opts })),
            "socketsJoin" => (4, Json(new { opts, rooms = operation.Args })),
            "socketsLeave" => (5, Json(new { opts, rooms = operation.Args })),
            "disconnectSockets" => (6, Json(new { opts, close = false })),
            _ => (9, Json(new { packet = operation.Args })),
        };
    }

    private sealed record EmitterOperation(string Op, object[] Args)
    {
        public string Nsp { get; init; } = "/";

        public string[] Rooms { get; init; } = [];

        public string[] Except { get; init; } = [];
    }
}
