using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>
/// Knows which socket is in which room, and reaches them. This class knows the sockets of one server; an adapter for a cluster
/// derives from it, sends to the other servers, and calls the base for its own sockets. Safe for use by several threads.
/// </summary>
public partial class SocketIOAdapter
{
    private readonly Lock _gate = new();
    private readonly RoomMap _rooms;
    private readonly SocketIONamespace _namespace;

    /// <summary>Creates the adapter of a namespace.</summary>
    /// <param name="host">The namespace that <see cref="ISocketIOAdapterFactory.Create"/> was given.</param>
    public SocketIOAdapter(ISocketIOAdapterHost host)
    {
        _namespace = host as SocketIONamespace ?? throw new ArgumentException("Expected the host that the factory was given.", nameof(host));
        _rooms = new RoomMap(_namespace);
        Host = host;
    }

    /// <summary>The namespace.</summary>
    protected ISocketIOAdapterHost Host { get; }

    /// <summary>Connects to the other servers. Called once, and not awaited: until it is complete the namespace works alone.</summary>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Lets go of what the adapter holds.</summary>
    public virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    /// <summary>How many servers there are, this one included.</summary>
    public virtual ValueTask<int> ServerCountAsync() => ValueTask.FromResult(1);

    /// <summary>Sends an event to the other servers. They hand it to <see cref="ISocketIOAdapterHost.OnServerSideEmitAsync"/>.</summary>
    public virtual ValueTask ServerSideEmitAsync(SocketIOPacket packet) => ValueTask.CompletedTask;

    /// <summary>Sends an event to the other servers and hands on their answers.</summary>
    /// <param name="packet">The event.</param>
    /// <param name="onAck">Called with each server's answer: a packet of type Ack.</param>
    /// <exception cref="TimeoutException">Not all servers answered in time; its message says how many did.</exception>
    public virtual Task ServerSideEmitWithAckAsync(SocketIOPacket packet, Action<SocketIOPacket> onAck) => Task.CompletedTask;

    private SocketBatch Select(BroadcastOptions options)
    {
        lock (_gate)
        {
            return _rooms.Select(options);
        }
    }
}
