using System.Collections.Concurrent;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

internal class SocketIONamespace : ISocketIONamespace, ISocketIOAdapterHost
{
    private readonly Lock _gate = new();
    private readonly BroadcastOperator _everyone;
    private readonly ServerEvents _serverEvents;
    private readonly ConcurrentDictionary<string, SocketIOSocket> _byPid = new(StringComparer.Ordinal);
    private Func<ISocketIOSocket, Task>[] _middlewares = [];
    private Func<ISocketIOSocket, Task>[] _connectionHandlers = [];
    private long _ackId = -1;
    private ParentNamespace? _parent;
    private bool _isGone;

    public SocketIONamespace(SocketIOServer server, string name, ISocketIOAdapterFactory adapterFactory)
    {
        Server = server;
        Name = name;
        _everyone = new BroadcastOperator(this, new BroadcastOptions());
        Sockets = new SocketView(ConnectedSockets);
        _serverEvents = new ServerEvents(this);
        Adapter = adapterFactory.Create(this);
    }

    public SocketIOServer Server { get; }

    public string Name { get; }

    public SocketIOAdapter Adapter { get; }

    public ConcurrentDictionary<string, SocketIOSocket> ConnectedSockets { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ISocketIOSocket> Sockets { get; }

    public IReadOnlyList<Func<ISocketIOSocket, Task>> Middlewares => _middlewares;

    public IReadOnlyList<Func<ISocketIOSocket, Task>> ConnectionHandlers => _connectionHandlers;

    public IBroadcastOperator Volatile => _everyone.Volatile;

    public IBroadcastOperator Local => _everyone.Local;

    /// <summary>Whether clients that lost their connection can come back as they were.</summary>
    public bool RecoversSessions => Server.Options.ConnectionStateRecovery is not null && Adapter.SupportsRecovery;

    public long NextAckId() => Interlocked.Increment(ref _ackId);

    /// <summary>Lets a socket in. False if the namespace has just gone with its last client.</summary>
    public bool TryAdd(SocketIOSocket socket)
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return false;
            }

            ConnectedSockets[socket.Id] = socket;
        }

        Adapter.OnSocketAdded(socket.Id);

        if (socket.Pid is { } pid)
        {
            _byPid[pid] = socket;
        }

        return true;
    }

    public void Remove(SocketIOSocket socket)
    {
        Adapter.RemoveAll(socket);
        if (ConnectedSockets.TryRemove(new KeyValuePair<string, SocketIOSocket>(socket.Id, socket)))
        {
            Adapter.OnSocketRemoved(socket.Id);
        }

        RemoveIfEmpty();
    }

    /// <summary>A child namespace that nobody is in goes, where the application wants it so; also if the only one to ask for it was refused.</summary>
    public void RemoveIfEmpty()
    {
        if (_parent is { } parent && Server.Options.CleanupEmptyChildNamespaces)
        {
            RemoveIfEmpty(parent);
        }
    }

    /// <summary>The socket has gone, and what is to be kept of it is kept.</summary>
    public void ForgetPid(SocketIOSocket socket) => _byPid.TryRemove(new KeyValuePair<string, SocketIOSocket>(socket.Pid!, socket));

    /// <summary>The socket of that secret that has not noticed yet that its client has gone.</summary>
    public SocketIOSocket? FindByPid(string pid) => _byPid.GetValueOrDefault(pid);

    /// <summary>Takes on what a parent namespace says of its children.</summary>
    public void Inherit(ParentNamespace parent)
    {
        _parent = parent;
        _middlewares = parent._middlewares;
        _connectionHandlers = parent._connectionHandlers;
    }

    public void On(string eventName, SocketIOEventHandler handler) => _serverEvents.Add(eventName, handler);

    public void Off(string eventName) => _serverEvents.Remove(eventName);

    public ValueTask ServerSideEmitAsync(string eventName, params object?[] arguments) =>
        Adapter.ServerSideEmitAsync(CreateServerEvent(eventName, arguments));

    public async Task<IReadOnlyList<T?>> ServerSideEmitWithAckAsync<T>(string eventName, params object?[] arguments)
    {
        var responses = new ConcurrentQueue<T?>();
        try
        {
            await Adapter.ServerSideEmitWithAckAsync(CreateServerEvent(eventName, arguments), OnAck);
        }
        catch (TimeoutException exception)
        {
            throw new BroadcastTimeoutException<T>([.. responses], exception.Message);
        }

        return [.. responses];

        void OnAck(SocketIOPacket packet)
        {
            var payload = GetArguments(packet);
            responses.Enqueue(payload.Count > 0 ? payload.Get<T>(0) : default);
        }
    }

    public ValueTask OnServerSideEmitAsync(SocketIOPacket packet, Action<SocketIOPacket>? answer)
    {
        ArgumentNullException.ThrowIfNull(packet);
        var ack = answer is null
            ? SocketIOAck.None
            : new SocketIOAck(arguments => answer(Server.Serializer.CreatePacket(SocketIOPacketType.Ack, Name, null, null, arguments)));
        return _serverEvents.InvokeAsync(packet, ack);
    }

    public SocketIOPayload GetArguments(SocketIOPacket packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        return new SocketIOPayload(packet.Data, packet.Attachments, Server.Serializer, skip: packet.Type == SocketIOPacketType.Event ? 1 : 0);
    }

    public System.Text.Json.JsonElement SerializeData(IReadOnlyDictionary<string, object?> data) => System.Text.Json.JsonElement.Parse(Server.Serializer.ToJson(data), PlaceholderRewriter.DocumentOptions);

    public Task<IReadOnlySet<string>> FetchRoomsAsync() => Adapter.FetchRoomsAsync();

    public ValueTask<int> ServerCountAsync() => Adapter.ServerCountAsync();

    public void OnConnection(Func<ISocketIOSocket, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            _connectionHandlers = [.. _connectionHandlers, handler];
        }
    }

    public void Use(Func<ISocketIOSocket, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        lock (_gate)
        {
            _middlewares = [.. _middlewares, middleware];
        }
    }

    public IBroadcastOperator To(params ReadOnlySpan<string> rooms) => _everyone.To(rooms);

    public IBroadcastOperator Except(params ReadOnlySpan<string> rooms) => _everyone.Except(rooms);

    public IBroadcastOperator Compress(bool compress) => _everyone.Compress(compress);

    public IBroadcastOperator Timeout(TimeSpan timeout) => _everyone.Timeout(timeout);

    public ValueTask EmitAsync(string eventName, params object?[] arguments) => _everyone.EmitAsync(eventName, arguments);

    public Task<IReadOnlyList<T?>> EmitWithAckAsync<T>(string eventName, params object?[] arguments) => _everyone.EmitWithAckAsync<T>(eventName, arguments);

    public Task<IReadOnlyList<IRemoteSocket>> FetchSocketsAsync() => FetchSocketsAsync(new BroadcastOptions());

    public ValueTask SocketsJoinAsync(params string[] rooms) => _everyone.SocketsJoinAsync(rooms);

    public ValueTask SocketsLeaveAsync(params string[] rooms) => _everyone.SocketsLeaveAsync(rooms);

    public ValueTask DisconnectSocketsAsync(bool close = false) => _everyone.DisconnectSocketsAsync(close);

    internal async Task<IReadOnlyList<IRemoteSocket>> FetchSocketsAsync(BroadcastOptions options)
    {
        var infos = await Adapter.FetchSocketsAsync(options);
        return [.. infos.Select(info => new RemoteSocket(this, info))];
    }

    /// <summary>An event as one argument of another: an array of its name and arguments.</summary>
    internal PayloadArray GetWholeEvent(SocketIOPacket packet) => new(new SocketIOPayload(packet.Data.ToArray(), packet.Attachments, Server.Serializer, skip: 0));

    private SocketIOPacket CreateServerEvent(string eventName, object?[] arguments)
    {
        ServerEvents.ThrowIfReserved(eventName);
        return Server.Serializer.CreatePacket(SocketIOPacketType.Event, Name, null, eventName, arguments);
    }

    private void RemoveIfEmpty(ParentNamespace parent)
    {
        lock (_gate)
        {
            if (_isGone || !ConnectedSockets.IsEmpty)
            {
                return;
            }

            _isGone = true;
        }

        parent.Forget(this);
        Server.Forget(this);
    }
}
