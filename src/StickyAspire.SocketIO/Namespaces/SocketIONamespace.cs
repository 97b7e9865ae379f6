using System.Collections.Concurrent;
using StickyAspire.SocketIO.Adapters;

namespace StickyAspire.SocketIO;

internal sealed class SocketIONamespace : ISocketIONamespace, ISocketIOAdapterHost
{
    private readonly Lock _gate = new();
    private readonly BroadcastOperator _everyone;
    private Func<ISocketIOSocket, Task>[] _middlewares = [];
    private Func<ISocketIOSocket, Task>[] _connectionHandlers = [];
    private long _ackId = -1;

    public SocketIONamespace(SocketIOServer server, string name)
    {
        Server = server;
        Name = name;
        _everyone = new BroadcastOperator(this, new BroadcastOptions());
        Sockets = new SocketView(ConnectedSockets);
        Adapter = server.AdapterFactory.Create(this);
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

    public long NextAckId() => Interlocked.Increment(ref _ackId);

    public void Add(SocketIOSocket socket) => ConnectedSockets[socket.Id] = socket;

    public void Remove(SocketIOSocket socket)
    {
        Adapter.RemoveAll(socket);
        ConnectedSockets.TryRemove(new KeyValuePair<string, SocketIOSocket>(socket.Id, socket));
    }

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
}
