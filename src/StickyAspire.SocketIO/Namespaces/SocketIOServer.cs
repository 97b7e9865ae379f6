using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

internal sealed class SocketIOServer : ISocketIOServer
{
    private readonly ConcurrentDictionary<string, SocketIONamespace> _namespaces = new(StringComparer.Ordinal);
    private readonly SocketIONamespace _default;

    public SocketIOServer(
        IOptions<SocketIOOptions> options, ISocketIOAdapterFactory adapterFactory, SocketIOMetrics metrics, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        Options = options.Value;
        AdapterFactory = adapterFactory;
        Metrics = metrics;
        TimeProvider = timeProvider;
        Logger = loggerFactory.CreateLogger("StickyAspire.SocketIO");
        Serializer = new SocketIOSerializer(Options.JsonSerializerOptions);
        Parser = Options.Parser ?? new DefaultParser(Options.MaxAttachments, Serializer.MaxDepth);
        Engine = new EngineServer(Options.Engine, OnConnection, metrics, timeProvider, loggerFactory.CreateLogger("StickyAspire.SocketIO.Engine"));
        _default = (SocketIONamespace)Of("/");
    }

    public SocketIOOptions Options { get; }

    public ISocketIOAdapterFactory AdapterFactory { get; }

    public SocketIOMetrics Metrics { get; }

    public TimeProvider TimeProvider { get; }

    public ILogger Logger { get; }

    public SocketIOSerializer Serializer { get; }

    public ISocketIOParser Parser { get; }

    public EngineServer Engine { get; }

    public string Name => _default.Name;

    public IReadOnlyDictionary<string, ISocketIOSocket> Sockets => _default.Sockets;

    public IBroadcastOperator Volatile => _default.Volatile;

    public IBroadcastOperator Local => _default.Local;

    public ISocketIONamespace Of(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        name = name[0] == '/' ? name : "/" + name;
        if (_namespaces.TryGetValue(name, out var existing))
        {
            return existing;
        }

        lock (_namespaces)
        {
            // Under a lock, so that no second adapter of the same namespace is made and thrown away.
            if (!_namespaces.TryGetValue(name, out existing))
            {
                _namespaces[name] = existing = new SocketIONamespace(this, name);
                _ = InitializeAsync(existing);
            }
        }

        return existing;
    }

    public SocketIONamespace? Find(string name) => _namespaces.GetValueOrDefault(name);

    public async ValueTask CloseAsync()
    {
        foreach (var nsp in _namespaces.Values)
        {
            foreach (var socket in nsp.ConnectedSockets.Values)
            {
                socket.OnClosed(EngineCloseReason.ServerShuttingDown);
            }
        }

        Engine.Close(EngineCloseReason.ServerShuttingDown);
        foreach (var nsp in _namespaces.Values)
        {
            await nsp.Adapter.CloseAsync();
        }
    }

    public void OnConnection(Func<ISocketIOSocket, Task> handler) => _default.OnConnection(handler);

    public void Use(Func<ISocketIOSocket, Task> middleware) => _default.Use(middleware);

    public IBroadcastOperator To(params ReadOnlySpan<string> rooms) => _default.To(rooms);

    public IBroadcastOperator Except(params ReadOnlySpan<string> rooms) => _default.Except(rooms);

    public IBroadcastOperator Compress(bool compress) => _default.Compress(compress);

    public IBroadcastOperator Timeout(TimeSpan timeout) => _default.Timeout(timeout);

    public ValueTask EmitAsync(string eventName, params object?[] arguments) => _default.EmitAsync(eventName, arguments);

    public Task<IReadOnlyList<T?>> EmitWithAckAsync<T>(string eventName, params object?[] arguments) => _default.EmitWithAckAsync<T>(eventName, arguments);

    public Task<IReadOnlyList<IRemoteSocket>> FetchSocketsAsync() => _default.FetchSocketsAsync();

    public ValueTask SocketsJoinAsync(params string[] rooms) => _default.SocketsJoinAsync(rooms);

    public ValueTask SocketsLeaveAsync(params string[] rooms) => _default.SocketsLeaveAsync(rooms);

    public ValueTask DisconnectSocketsAsync(bool close = false) => _default.DisconnectSocketsAsync(close);

    private SocketIOConnection OnConnection(EngineSession session) => new(this, session);

    private async Task InitializeAsync(SocketIONamespace nsp)
    {
        try
        {
            await nsp.Adapter.InitializeAsync();
        }
#pragma warning disable CA1031 // An adapter that cannot reach its cluster leaves this server working alone; that is worth an error, not a crash.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.AdapterFailed(Logger, exception, nsp.Name);
        }
    }
}
