using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.Emitting;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Redis;

/// <summary>
/// Emits into a cluster from a process that serves no clients: a worker, a console program. As Node's <c>@socket.io/redis-emitter</c> 5.1 and <c>@socket.io/redis-streams-emitter</c> 0.1, and for the
/// sharded mode too; the servers may be ours and Node's. Immutable: each of the chaining members gives a new one on the same connection, so one can be kept and used by several threads.
/// </summary>
public sealed class Emitter : IAsyncDisposable
{
    private readonly EmitterWire _wire;
    private readonly string _nsp;
    private readonly BroadcastOptions _options;

    /// <summary>Creates an emitter to the default namespace. It connects when it is first used.</summary>
    /// <param name="connectionString">StackExchange.Redis' configuration, for example <c>localhost:6379,password=…,ssl=true</c>.</param>
    /// <param name="configure">Sets options; the mode, and the names of channels or streams, must be those of the servers.</param>
    /// <param name="jsonSerializerOptions">How arguments are serialized. Default: as the server does.</param>
    /// <param name="loggerFactory">Where outages are logged. Default: nowhere.</param>
    public Emitter(string connectionString, Action<RedisAdapterOptions>? configure = null, JsonSerializerOptions? jsonSerializerOptions = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var options = new RedisAdapterOptions();
        configure?.Invoke(options);
        _wire = new EmitterWire(
            new RedisConnection(connectionString, loggerFactory ?? NullLoggerFactory.Instance), options,
            new SocketIOSerializer(jsonSerializerOptions ?? SocketIOSerializer.CreateDefaultOptions()));
        _nsp = "/";
        _options = new BroadcastOptions();
    }

    private Emitter(EmitterWire wire, string nsp, BroadcastOptions options)
    {
        _wire = wire;
        _nsp = nsp;
        _options = options;
    }

    /// <summary>An event is dropped for clients whose connection is busy.</summary>
    public Emitter Volatile => With(_options with { IsVolatile = true });

    /// <summary>An emitter to all clients of a namespace. A missing slash is added.</summary>
    public Emitter Of(string nsp)
    {
        ArgumentException.ThrowIfNullOrEmpty(nsp);
        return new Emitter(_wire, nsp[0] == '/' ? nsp : "/" + nsp, new BroadcastOptions());
    }

    /// <summary>Only clients in these rooms; each once.</summary>
    public Emitter To(params ReadOnlySpan<string> rooms) => With(_options with { Rooms = [.. _options.Rooms.Union(rooms.ToArray(), StringComparer.Ordinal)] });

    /// <summary>The same as <see cref="To"/>.</summary>
    public Emitter In(params ReadOnlySpan<string> rooms) => To(rooms);

    /// <summary>Without the clients in these rooms. A socket's id is a room.</summary>
    public Emitter Except(params ReadOnlySpan<string> rooms) => With(_options with { Except = [.. _options.Except.Union(rooms.ToArray(), StringComparer.Ordinal)] });

    /// <summary>Whether transports may compress the event. Default true.</summary>
    public Emitter Compress(bool compress) => With(_options with { Compress = compress });

    /// <summary>Emits an event.</summary>
    /// <exception cref="ArgumentException">The name is one of the protocol's own.</exception>
    /// <exception cref="StackExchange.Redis.RedisException">Redis cannot be reached: nobody gets the event.</exception>
    public ValueTask EmitAsync(string eventName, params object?[] arguments)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        return SendAsync(new ClusterMessage(ClusterMessageType.Broadcast) { Options = _options, Packet = _wire.CreateEvent(_nsp, eventName, arguments) });
    }

    /// <summary>Makes the clients join rooms.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">Redis cannot be reached.</exception>
    public ValueTask SocketsJoinAsync(params string[] rooms) => SendAsync(new ClusterMessage(ClusterMessageType.Join) { Options = _options, Names = rooms });

    /// <summary>Makes the clients leave rooms.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">Redis cannot be reached.</exception>
    public ValueTask SocketsLeaveAsync(params string[] rooms) => SendAsync(new ClusterMessage(ClusterMessageType.Leave) { Options = _options, Names = rooms });

    /// <summary>Disconnects the clients from the namespace.</summary>
    /// <param name="close">Whether to close their whole connections. Default false.</param>
    /// <exception cref="StackExchange.Redis.RedisException">Redis cannot be reached.</exception>
    public ValueTask DisconnectSocketsAsync(bool close = false) => SendAsync(new ClusterMessage(ClusterMessageType.Disconnect) { Options = _options, Close = close });

    /// <summary>Emits an event to the servers themselves. Answers cannot be had by an emitter.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">Redis cannot be reached.</exception>
    public ValueTask ServerSideEmitAsync(string eventName, params object?[] arguments)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        return SendAsync(new ClusterMessage(ClusterMessageType.ServerSideEmit) { Packet = _wire.CreateEvent(_nsp, eventName, arguments) });
    }

    /// <summary>Closes the connection, for all emitters that came of this one.</summary>
    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    private ValueTask SendAsync(ClusterMessage message) => _wire.SendAsync(_nsp, message);

    private Emitter With(BroadcastOptions options) => new(_wire, _nsp, options);
}
