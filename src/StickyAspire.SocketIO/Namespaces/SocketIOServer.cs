using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Admin;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

internal sealed class SocketIOServer : ISocketIOServer
{
    /// <summary>Names that clients choose stay in memory.</summary>
    private const int MaxClientNamespaceLength = 1_024;

    private readonly ConcurrentDictionary<string, SocketIONamespace> _namespaces = new(StringComparer.Ordinal);
    private readonly SocketIONamespace _default;
    private volatile ParentNamespace[] _parents = [];
    private volatile Action<ISocketIONamespace>[] _namespaceHandlers = [];
    private int _children;

    public SocketIOServer(
        IServiceProvider services, IOptions<SocketIOOptions> options, ISocketIOAdapterFactory adapterFactory, SocketIOMetrics metrics, TimeProvider timeProvider,
        ILoggerFactory loggerFactory)
    {
        Services = services;
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

    public IServiceProvider Services { get; }

    public SocketIOOptions Options { get; }

    /// <summary>Who is told of all that happens; or null.</summary>
    public ISocketIOObserver? Observer { get; set; }

    public ISocketIOAdapterFactory AdapterFactory { get; }

    public SocketIOMetrics Metrics { get; }

    public TimeProvider TimeProvider { get; }

    public ILogger Logger { get; }

    public SocketIOSerializer Serializer { get; }

    public ISocketIOParser Parser { get; }

    public EngineServer Engine { get; }

    public int ClientsCount => Engine.SessionCount;

    public string Name => _default.Name;

    public IReadOnlyDictionary<string, ISocketIOSocket> Sockets => _default.Sockets;

    public IBroadcastOperator Volatile => _default.Volatile;

    public IBroadcastOperator Local => _default.Local;

    /// <summary>Every namespace but the patterns.</summary>
    public IEnumerable<SocketIONamespace> Namespaces => _namespaces.Values;

    public ISocketIONamespace Of(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        name = name[0] == '/' ? name : "/" + name;
        if (Find(name) is { } existing)
        {
            return existing;
        }

        var parent = _parents.FirstOrDefault(parent => parent.Matches(name));
        return parent is null ? GetOrCreate(name, _ => { }) : parent.GetChild(name);
    }

    public ISocketIONamespace Of(Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return AddParent((name, _) => ValueTask.FromResult(IsWhole(name)), IsWhole);

        bool IsWhole(string name) => pattern.Match(name) is { Success: true, Index: 0 } match && match.Length == name.Length;
    }

    public ISocketIONamespace Of(Func<string, JsonElement, ValueTask<bool>> accepts)
    {
        ArgumentNullException.ThrowIfNull(accepts);
        return AddParent(accepts, _ => false);
    }

    private ParentNamespace AddParent(Func<string, JsonElement, ValueTask<bool>> accepts, Func<string, bool> matches)
    {
        lock (_namespaces)
        {
            var parent = new ParentNamespace(this, $"/_{_parents.Length}", accepts, matches);
            _parents = [.. _parents, parent];
            return parent;
        }
    }

    public void OnNamespaceCreated(Action<ISocketIONamespace> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_namespaces)
        {
            _namespaceHandlers = [.. _namespaceHandlers, handler];
        }
    }

    public SocketIONamespace? Find(string name) => _namespaces.GetValueOrDefault(name);

    /// <summary>The namespace that a client asks for, made now if a pattern accepts its name; or null.</summary>
    public async ValueTask<SocketIONamespace?> FindByPatternAsync(string name, JsonElement auth)
    {
        if (name.Length > MaxClientNamespaceLength)
        {
            return null;
        }

        foreach (var parent in _parents)
        {
            if (await parent.AcceptsAsync(name, auth))
            {
                return _children < Options.MaxChildNamespaces || Find(name) is not null ? parent.GetChild(name) : null;
            }
        }

        return null;
    }

    public bool HasPatterns => _parents.Length > 0;

    public SocketIONamespace GetOrCreate(string name, Action<SocketIONamespace> prepare)
    {
        if (_namespaces.TryGetValue(name, out var existing))
        {
            return existing;
        }

        SocketIONamespace created;
        lock (_namespaces)
        {
            // Under a lock, so that no second adapter of the same namespace is made and thrown away.
            if (_namespaces.TryGetValue(name, out existing))
            {
                return existing;
            }

            created = new SocketIONamespace(this, name, AdapterFactory);
            prepare(created);
            _namespaces[name] = created;
            _children++;
            _ = InitializeAsync(created);
        }

        foreach (var handler in _namespaceHandlers)
        {
            handler(created);
        }

        return created;
    }

    /// <summary>A child namespace is empty, and goes.</summary>
    public void Forget(SocketIONamespace nsp)
    {
        if (_namespaces.TryRemove(new KeyValuePair<string, SocketIONamespace>(nsp.Name, nsp)))
        {
            Interlocked.Decrement(ref _children);
            _ = CloseAsync(nsp);
        }
    }

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
            await CloseAsync(nsp);
        }
    }

    public void OnConnection(Func<ISocketIOSocket, Task> handler) => _default.OnConnection(handler);

    public void Use(Func<ISocketIOSocket, Task> middleware) => _default.Use(middleware);

    public void On(string eventName, SocketIOEventHandler handler) => _default.On(eventName, handler);

    public void Off(string eventName) => _default.Off(eventName);

    public ValueTask ServerSideEmitAsync(string eventName, params object?[] arguments) => _default.ServerSideEmitAsync(eventName, arguments);

    public Task<IReadOnlyList<T?>> ServerSideEmitWithAckAsync<T>(string eventName, params object?[] arguments) =>
        _default.ServerSideEmitWithAckAsync<T>(eventName, arguments);

    public Task<IReadOnlySet<string>> FetchRoomsAsync() => _default.FetchRoomsAsync();

    public ValueTask<int> ServerCountAsync() => _default.ServerCountAsync();

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

    private async Task CloseAsync(SocketIONamespace nsp)
    {
        try
        {
            await nsp.Adapter.CloseAsync();
        }
#pragma warning disable CA1031 // The others must be closed as well.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.AdapterCloseFailed(Logger, exception, nsp.Name);
        }
    }

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
