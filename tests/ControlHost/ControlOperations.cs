using System.Text.Json;
using System.Text.Json.Nodes;
using StickyAspire.SocketIO;

namespace ControlHost;

/// <summary>POST /control: one operation of the server's interface each, JSON in and <c>{result}</c> or <c>{error}</c> out.</summary>
internal sealed class ControlOperations(ISocketIOServer io, Listeners listeners, ClusterStats stats, IConfiguration configuration)
{
    /// <summary>For a question that sets no limit of its own.</summary>
    private readonly TimeSpan _requestsTimeout = TimeSpan.FromMilliseconds(configuration.GetValue("REQUESTS_TIMEOUT", 1000.0));

    public async Task HandleAsync(HttpContext context)
    {
        JsonObject answer;
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            answer = json.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonObject { ["result"] = await RunAsync(new ControlRequest(json.RootElement)) }
                : new JsonObject { ["error"] = "A request is a JSON object." };
        }
#pragma warning disable CA1031 // Whatever an operation throws is its answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            answer = new JsonObject { ["error"] = exception.Message };
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private Task<JsonNode?> RunAsync(ControlRequest request)
    {
        var nsp = request.Namespace == "/" ? io : io.Of(request.Namespace);
        return request.Operation switch
        {
            "reset" => ResetAsync(),
            "of" => Nothing(ValueTask.CompletedTask),
            "emit" => EmitAsync(Select(nsp, request), request),
            "socketsJoin" => Nothing(Select(nsp, request).SocketsJoinAsync(request.Texts("targets"))),
            "socketsLeave" => Nothing(Select(nsp, request).SocketsLeaveAsync(request.Texts("targets"))),
            "disconnectSockets" => Nothing(Select(nsp, request).DisconnectSocketsAsync(request.Flag("close"))),
            "fetchSockets" => FetchSocketsAsync(Select(nsp, request)),
            "remoteEmitWithAck" => RemoteEmitWithAckAsync(nsp, request),
            "serverSideEmit" => ServerSideEmitAsync(nsp, request),
            "listen" => Listen(nsp, request),
            "socket" => FindAsync(nsp, request.RequiredText("sid")),
            "socketData" => SetData(Socket(nsp, request), request),
            "socketJoin" => Nothing(Socket(nsp, request).JoinAsync([.. request.Texts("targets"), .. request.Texts("target")])),
            "socketLeave" => LeaveAsync(Socket(nsp, request), [.. request.Texts("targets"), .. request.Texts("target")]),
            "socketDisconnect" => Nothing(Socket(nsp, request).DisconnectAsync(request.Flag("close"))),
            "socketEmit" => SocketEmitAsync(Socket(nsp, request), request),
            "allRooms" => AllRoomsAsync(nsp),
            "serverCount" => ServerCountAsync(nsp),
            "stats" => Task.FromResult<JsonNode?>(new JsonObject { ["requests"] = stats.Requests, ["ackRequests"] = stats.AckRequests }),
            var operation => throw new ArgumentException($"There is no operation \"{operation}\"."),
        };
    }

    private async Task<JsonNode?> ResetAsync()
    {
        listeners.Clear();
        foreach (var nsp in listeners.Namespaces)
        {
            foreach (var socket in nsp.Sockets.Values)
            {
                await socket.DisconnectAsync(close: true);
            }
        }

        return null;
    }

    private async Task<JsonNode?> EmitAsync(IBroadcastOperator target, ControlRequest request)
    {
        var (name, arguments) = request.Event();
        if (request.Flag("ack"))
        {
            target = request.Timeout is null ? target.Timeout(_requestsTimeout) : target;
            return await GatherAsync(() => target.EmitWithAckAsync<WireValue>(name, arguments));
        }

        await target.EmitAsync(name, arguments);
        return null;
    }

    private static async Task<JsonNode?> FetchSocketsAsync(IBroadcastOperator target) =>
        new JsonArray([.. (await target.FetchSocketsAsync()).Select(Describe)]);

    private static async Task<JsonNode?> RemoteEmitWithAckAsync(ISocketIONamespace nsp, ControlRequest request)
    {
        var target = request.RequiredText("target");
        var sockets = await nsp.In(target).FetchSocketsAsync();
        if (sockets is not [var socket, ..])
        {
            throw new InvalidOperationException($"There is no socket {target}.");
        }

        var (name, arguments) = request.Event();
        return (await socket.EmitWithAckAsync<WireValue>(request.Timeout ?? TimeSpan.FromSeconds(1), name, arguments))?.ToJson();
    }

    private static async Task<JsonNode?> ServerSideEmitAsync(ISocketIONamespace nsp, ControlRequest request)
    {
        var (name, arguments) = request.Event();
        if (request.Flag("ack"))
        {
            return await GatherAsync(() => nsp.ServerSideEmitWithAckAsync<WireValue>(name, arguments));
        }

        await nsp.ServerSideEmitAsync(name, arguments);
        return null;
    }

    private Task<JsonNode?> Listen(ISocketIONamespace nsp, ControlRequest request)
    {
        listeners.Add(nsp, request.RequiredText("event"), new Listener(new Uri(request.RequiredText("callback")), request.Flag("once")));
        return Task.FromResult<JsonNode?>(null);
    }

    private static async Task<JsonNode?> FindAsync(ISocketIONamespace nsp, string id)
    {
        if (!nsp.Sockets.ContainsKey(id))
        {
            return null;
        }

        return await nsp.Local.In(id).FetchSocketsAsync() is [var socket, ..] ? Describe(socket) : null;
    }

    private static Task<JsonNode?> SetData(ISocketIOSocket socket, ControlRequest request)
    {
        if (request.Value("data") is not { ValueKind: JsonValueKind.Object } data)
        {
            throw new ArgumentException("A socket's data is an object.");
        }

        socket.Data.Clear();
        foreach (var property in data.EnumerateObject())
        {
            socket.Data[property.Name] = property.Value.Clone();
        }

        return Task.FromResult<JsonNode?>(null);
    }

    private static async Task<JsonNode?> LeaveAsync(ISocketIOSocket socket, string[] rooms)
    {
        foreach (var room in rooms)
        {
            await socket.LeaveAsync(room);
        }

        return null;
    }

    private static async Task<JsonNode?> SocketEmitAsync(ISocketIOSocket socket, ControlRequest request)
    {
        var (name, arguments) = request.Event();
        ISocketEmitter emitter = request.Timeout is { } timeout ? socket.Timeout(timeout) : socket;
        if (request.Flag("ack"))
        {
            return (await emitter.EmitWithAckAsync<WireValue>(name, arguments))?.ToJson();
        }

        await emitter.EmitAsync(name, arguments);
        return null;
    }

    private static async Task<JsonNode?> AllRoomsAsync(ISocketIONamespace nsp) =>
        new JsonArray([.. (await nsp.FetchRoomsAsync()).Select(room => (JsonNode)JsonValue.Create(room))]);

    private static async Task<JsonNode?> ServerCountAsync(ISocketIONamespace nsp) => JsonValue.Create(await nsp.ServerCountAsync());

    private static async Task<JsonNode?> GatherAsync(Func<Task<IReadOnlyList<WireValue?>>> ask)
    {
        try
        {
            return Answer(null, await ask());
        }
        catch (BroadcastTimeoutException<WireValue> exception)
        {
            return Answer(exception.Message, exception.Responses);
        }

        static JsonObject Answer(string? error, IReadOnlyList<WireValue?> responses) =>
            new() { ["err"] = error, ["responses"] = new JsonArray([.. responses.Select(response => response?.ToJson())]) };
    }

    private static IBroadcastOperator Select(ISocketIONamespace nsp, ControlRequest request)
    {
        IBroadcastOperator target = nsp;
        if (request.Texts("rooms") is { Length: > 0 } rooms)
        {
            target = target.To(rooms);
        }

        if (request.Texts("except") is { Length: > 0 } except)
        {
            target = target.Except(except);
        }

        target = request.Option("local") ? target.Local : target;
        target = request.Option("volatile") ? target.Volatile : target;
        target = request.OptionValue("compress") is { } compress ? target.Compress(compress.ValueKind == JsonValueKind.True) : target;
        return request.Timeout is { } timeout ? target.Timeout(timeout) : target;
    }

    private static ISocketIOSocket Socket(ISocketIONamespace nsp, ControlRequest request) =>
        nsp.Sockets.TryGetValue(request.RequiredText("sid"), out var socket) ? socket : throw new InvalidOperationException($"There is no socket {request.Text("sid")} here.");

    private static JsonObject Describe(IRemoteSocket socket) => new()
    {
        ["id"] = socket.Id,
        ["handshake"] = JsonSerializer.SerializeToNode(socket.Handshake),
        ["rooms"] = new JsonArray([.. socket.Rooms.Select(room => (JsonNode)JsonValue.Create(room))]),
        ["data"] = socket.Data.ValueKind == JsonValueKind.Undefined ? null : JsonSerializer.SerializeToNode(socket.Data),
    };

    private static async Task<JsonNode?> Nothing(ValueTask task)
    {
        await task;
        return null;
    }
}
