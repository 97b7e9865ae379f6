using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Admin;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

#pragma warning disable CA1001 // A CancellationTokenSource without a timer or a link holds nothing to dispose of.
internal sealed class SocketIOSocket : ISocketIOSocket
#pragma warning restore CA1001
{
    private static readonly HashSet<string> NoRooms = [];

    private readonly Lock _gate;
    private readonly SocketEvents _events;
    private Dictionary<long, PendingAck>? _pendingAcks;
    private readonly LiveSession? _live;
    private SocketData? _data;
    private Task? _onItsWay;
    private string? _resumedThrough;
    private CancellationTokenSource? _disconnected;
    private List<Func<string, Task>>? _onDisconnect;
    private List<Func<string, Task>>? _onDisconnecting;
    private List<SocketIOPacket>? _resuming;
    private HashSet<string>? _joinedRooms;
    private readonly TaskCompletionSource? _gone;
    private volatile bool _isConnected;
    private bool _isDisconnected;

    public SocketIOSocket(SocketIONamespace nsp, SocketIOConnection connection, string id, SocketIOHandshake handshake, RecoverableSession? session = null)
    {
        Nsp = nsp;
        Connection = connection;
        _gate = connection.Session.Gate;
        Id = session?.Id ?? id;
        Handshake = handshake;
        if (nsp.RecoversSessions)
        {
            Pid = session?.Pid ?? SocketIdGenerator.Create();
            _gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _live = nsp.Adapter.KeepsLiveSessions ? new LiveSession(this) : null;
        }

        if (session is not null)
        {
            IsRecovered = true;
            _data = new SocketData(session.Data, OnDataChanged);
        }

        _events = new SocketEvents(this);
    }

    public string Id { get; }

    /// <summary>The secret by which the client gets this socket back; null where sessions are not recovered.</summary>
    public string? Pid { get; }

    public bool IsRecovered { get; }

    public SocketIONamespace Nsp { get; }

    public SocketIOConnection Connection { get; }

    public ISocketIONamespace Namespace => Nsp;

    public SocketIOHandshake Handshake { get; }

    public bool IsConnected => _isConnected;

    public EngineSession Session => Connection.Session;

    public string TransportName => Connection.Session.TransportName;

    public IReadOnlyCollection<string> Rooms => Nsp.Adapter.GetRooms(this);

    public IDictionary<string, object?> Data => _data ??= new SocketData([], OnDataChanged);

    public T? GetData<T>(string key) => Data.TryGetValue(key, out var value)
        ? value is JsonElement element && typeof(T) != typeof(JsonElement) ? Nsp.Server.Serializer.FromJson<T>(element) : (T?)value
        : default;

    public CancellationToken Disconnected
    {
        get
        {
            lock (_gate)
            {
                if (_disconnected is null)
                {
                    _disconnected = new CancellationTokenSource();
                    if (_isDisconnected)
                    {
                        _disconnected.Cancel();
                    }
                }

                return _disconnected.Token;
            }
        }
    }

    /// <summary>The rooms besides the socket's own, not to be added to here. Guarded by the adapter.</summary>
    internal HashSet<string> JoinedRooms => _joinedRooms ?? NoRooms;

    /// <summary>Puts the socket into a room; false if it was there. Guarded by the adapter.</summary>
    internal bool AddRoom(string room) => (_joinedRooms ??= new HashSet<string>(StringComparer.Ordinal)).Add(room);

    /// <summary>Whether the socket has left all rooms for good. Guarded by the adapter.</summary>
    internal bool HasLeft { get; set; }

    public ISocketEmitter Volatile => new SocketEmitter(this, isVolatile: true, compress: true, timeout: null);

    public IBroadcastOperator Broadcast => new BroadcastOperator(Nsp, new BroadcastOptions { Except = [Id] });

    public ISocketEmitter Compress(bool compress) => new SocketEmitter(this, isVolatile: false, compress, timeout: null);

    public ISocketEmitter Timeout(TimeSpan timeout) => new SocketEmitter(this, isVolatile: false, compress: true, timeout);

    public IBroadcastOperator To(params ReadOnlySpan<string> rooms) => Broadcast.To(rooms);

    public IBroadcastOperator Except(params ReadOnlySpan<string> rooms) => Broadcast.Except(rooms);

    public ValueTask JoinAsync(params string[] rooms)
    {
        Nsp.Adapter.Add(this, rooms);
        return WhenKept();
    }

    public ValueTask LeaveAsync(string room)
    {
        Nsp.Adapter.Remove(this, room);
        return WhenKept();
    }

    public void On(string eventName, SocketIOEventHandler handler) => _events.Add(eventName, handler);

    public void Off(string eventName) => _events.Remove(eventName);

    public void Use(Func<SocketIOEventContext, Task> middleware) => _events.Use(middleware);

    public void OnAny(Action<string, SocketIOPayload> listener, bool prepend = false) => _events.Incoming.Add(listener, prepend);

    public void OffAny(Action<string, SocketIOPayload>? listener = null) => _events.Incoming.Remove(listener);

    public void OnAnyOutgoing(Action<string, SocketIOPayload> listener, bool prepend = false) => _events.Outgoing.Add(listener, prepend);

    public void OffAnyOutgoing(Action<string, SocketIOPayload>? listener = null) => _events.Outgoing.Remove(listener);

    public IReadOnlyList<Action<string, SocketIOPayload>> AnyListeners => _events.Incoming.Listeners;

    public IReadOnlyList<Action<string, SocketIOPayload>> AnyOutgoingListeners => _events.Outgoing.Listeners;

    public void OnError(Action<Exception> listener) => _events.OnError(listener);

    internal void TellError(Exception error) => _events.TellError(error);

    public void OnDisconnect(Func<string, Task> handler)
    {
        lock (_gate)
        {
            (_onDisconnect ??= []).Add(handler);
        }
    }

    public void OnDisconnecting(Func<string, Task> handler)
    {
        lock (_gate)
        {
            (_onDisconnecting ??= []).Add(handler);
        }
    }

    public ValueTask EmitAsync(string eventName, params object?[] arguments) => EmitAsync(eventName, arguments, isVolatile: false, compress: true);

    public Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] arguments) => EmitWithAckAsync<T>(eventName, arguments, compress: true, timeout: null);

    public ValueTask DisconnectAsync(bool close = false)
    {
        Disconnect(close);
        return ValueTask.CompletedTask;
    }

    internal ValueTask EmitAsync(string eventName, object?[] arguments, bool isVolatile, bool compress)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        var packet = Nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Event, Nsp.Name, null, eventName, arguments);
        if (Pid is not null && !isVolatile && _isConnected)
        {
            // By the adapter, which gives it a place in the order and keeps it for the case that the client is gone.
            var task = Nsp.Adapter.BroadcastAsync(packet, new BroadcastOptions { Rooms = [Id], Compress = compress });
            return task.IsCompletedSuccessfully ? task : new ValueTask(_onItsWay = task.AsTask());
        }

        Deliver(packet, isVolatile, compress);
        return ValueTask.CompletedTask;
    }

    internal async Task<T?> EmitWithAckAsync<T>(string eventName, object?[] arguments, bool compress, TimeSpan? timeout)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        var id = Nsp.NextAckId();
        var packet = Nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Event, Nsp.Name, id, eventName, arguments);
        var ack = new SingleAck<T>();
        AddPendingAck(id, ack);
        DeliverInOrder(packet, compress);
        if (timeout is not { } limit)
        {
            return await ack.Task;
        }

        try
        {
            return await ack.Task.WaitAsync(limit, Nsp.Server.TimeProvider);
        }
        catch (TimeoutException)
        {
            TakePendingAck(id);
            throw new TimeoutException("operation has timed out");
        }
    }

    /// <summary>Sends a packet that does not go by the adapter, behind the events that do and are still on their way.</summary>
    internal void DeliverInOrder(SocketIOPacket packet, bool compress)
    {
        if (_onItsWay is { IsCompleted: false } before)
        {
            _onItsWay = AfterAsync(before, () => Deliver(packet, isVolatile: false, compress));
        }
        else
        {
            Deliver(packet, isVolatile: false, compress);
        }
    }

    /// <summary>Sends a packet of this namespace, unless the client is gone.</summary>
    internal void Deliver(SocketIOPacket packet, bool isVolatile, bool compress)
    {
        if (!_isConnected)
        {
            if (_resuming is not null && !isVolatile)
            {
                DeliverLater(packet);
            }

            return;
        }

        if (_resumedThrough is { } through && packet.Offset is { } offset)
        {
            if (!Nsp.Adapter.IsAfter(offset, through))
            {
                // The client had it before it came here, or among what it had missed: this server is only now getting there.
                return;
            }

            _resumedThrough = null;
        }

        if (!(isVolatile && !Connection.Session.IsWritable))
        {
            _events.OnOutgoing(packet);
            Connection.Send(packet, compress);
        }
    }

    /// <summary>From here on what is sent to the socket waits for <see cref="CompleteResume"/>.</summary>
    internal void BeginResume() => _resuming = [];

    /// <summary>
    /// Sends what the client has missed, then the news that it is connected (Node's order, by which a client gets missed events before its <c>connect</c> event),
    /// then what was sent to the socket meanwhile and was not among the missed.
    /// </summary>
    /// <param name="missed">What the client has missed.</param>
    /// <param name="sendConnect">Sends the news.</param>
    /// <returns>False if the client has gone again meanwhile.</returns>
    internal bool CompleteResume(MissedEvents missed, Action sendConnect)
    {
        var through = missed.Through;
        _resumedThrough = through;
        foreach (var packet in missed.Packets)
        {
            Connection.Send(packet, compress: true);
        }

        sendConnect();
        while (TakeWaiting(out var waiting))
        {
            // Not under the lock: sending may find that the connection has ended, and close this socket.
            foreach (var packet in waiting)
            {
                if (packet.Offset is null || Nsp.Adapter.IsAfter(packet.Offset, through))
                {
                    Connection.Send(packet, compress: true);
                }
            }
        }

        return _isConnected;
    }

    /// <summary>What has been sent to the socket since the last call. False, and the socket is connected unless it has gone, when there is nothing more.</summary>
    private bool TakeWaiting(out List<SocketIOPacket> waiting)
    {
        lock (_gate)
        {
            waiting = _resuming ?? [];
            if (waiting.Count > 0)
            {
                _resuming = [];
                return true;
            }

            _resuming = null;
            _isConnected = !_isDisconnected;
            return false;
        }
    }

    private void DeliverLater(SocketIOPacket packet)
    {
        lock (_gate)
        {
            if (_resuming is { } waiting)
            {
                waiting.Add(packet);
                return;
            }
        }

        Deliver(packet, isVolatile: false, compress: true);
    }

    /// <summary>Complete when the socket has gone and its session, if it has one to keep, can be restored.</summary>
    internal Task Gone => _gone?.Task ?? Task.CompletedTask;

    internal void AddPendingAck(long id, PendingAck ack)
    {
        lock (_gate)
        {
            if (!_isDisconnected)
            {
                (_pendingAcks ??= []).Add(id, ack);
                return;
            }
        }

        ack.Fail(CreateDisconnectedException());
    }

    /// <summary>The client is in: every middleware let it pass. False if it has gone meanwhile.</summary>
    internal bool TrySetConnected()
    {
        lock (_gate)
        {
            return _isConnected = !_isDisconnected;
        }
    }

    /// <summary>The socket leaves its namespace without ever having been connected.</summary>
    /// <param name="session">What is to be kept of it, if it came to resume.</param>
    internal void Abandon(RecoverableSession? session)
    {
        lock (_gate)
        {
            _isDisconnected = true;
            _resuming = null;
        }

        Leave(session);
    }

    /// <summary>Runs the connection handlers; events wait until they are through.</summary>
    internal Task StartAsync(IReadOnlyList<Func<ISocketIOSocket, Task>> handlers)
    {
        Nsp.Server.Observer?.OnConnected(this);
        OnChanged();
        return _events.StartAsync(handlers);
    }

    internal ValueTask OnPacketAsync(SocketIOPacket packet)
    {
        switch (packet.Type)
        {
            case SocketIOPacketType.Event:
                return _events.DispatchAsync(packet);

            case SocketIOPacketType.Ack:
                if (packet.Id is { } id && TakePendingAck(id) is { } ack)
                {
                    var reader = new SocketIOEventReader(this, packet.Data, packet.Attachments, Nsp.Server.Serializer, SocketIOAck.None, hasName: false);
                    ack.Complete(ref reader);
                }

                break;

            case SocketIOPacketType.Disconnect:
                OnClosed(DisconnectReason.ClientNamespaceDisconnect);
                break;
        }

        return ValueTask.CompletedTask;
    }

    internal void Disconnect(bool close)
    {
        if (_onItsWay is { IsCompleted: false } before)
        {
            // What was emitted before must not be lost for it.
            _onItsWay = AfterAsync(before, () => Disconnect(close));
            return;
        }

        if (close)
        {
            Connection.DisconnectAll();
            return;
        }

        if (_isConnected)
        {
            Connection.Send(new SocketIOPacket(SocketIOPacketType.Disconnect, Nsp.Name), compress: true);
            OnClosed(DisconnectReason.ServerNamespaceDisconnect);
        }
    }

    /// <summary>The socket leaves its namespace. Once.</summary>
    internal void OnClosed(string reason)
    {
        List<Func<string, Task>>? disconnecting;
        List<Func<string, Task>>? disconnect;
        Dictionary<long, PendingAck>? acks;
        bool wasResuming;
        lock (_gate)
        {
            if (_isDisconnected)
            {
                return;
            }

            _isDisconnected = true;
            wasResuming = _resuming is not null;
            _resuming = null;
            disconnecting = _onDisconnecting;
            disconnect = _onDisconnect;
            acks = _pendingAcks;
            _pendingAcks = null;
        }

        var wasConnected = _isConnected;
        if (wasConnected)
        {
            _events.Run(disconnecting, reason);
        }

        _isConnected = false;
        _events.Stop();
        Leave((wasConnected || wasResuming) && Pid is not null && IsRecoverable(reason) ? CreateSession() : null);
        Connection.Remove(this);
        _disconnected?.Cancel();
        if (acks is not null)
        {
            foreach (var ack in acks.Values)
            {
                ack.Fail(CreateDisconnectedException());
            }
        }

        if (wasConnected)
        {
            Nsp.Server.Observer?.OnDisconnected(this, reason);
            _events.Run(disconnect, reason);
        }
    }

    internal RemoteSocketInfo Describe()
    {
        var serializer = Nsp.Server.Serializer;
        return new RemoteSocketInfo(Id, HandshakeJson.Create(Handshake), Rooms, JsonElement.Parse(serializer.ToJson(_data?.Snapshot() ?? []), new JsonDocumentOptions { MaxDepth = PlaceholderRewriter.MaxDepth }));
    }

    /// <summary>Node's list: a client that left on purpose, or was sent away, does not come back.</summary>
    private static bool IsRecoverable(string reason) => reason
        is EngineCloseReason.TransportError or EngineCloseReason.TransportClose or EngineCloseReason.ForcedClose or EngineCloseReason.PingTimeout
        or EngineCloseReason.ServerShuttingDown or DisconnectReason.ForcedServerClose;

    /// <summary>What there is to keep of the socket now.</summary>
    internal RecoverableSession CreateSession() => new(Id, Pid!, Rooms, _data?.Snapshot() ?? []);

    /// <summary>Its rooms or data have changed.</summary>
    internal void OnChanged()
    {
        if (_live is not null && _isConnected)
        {
            _ = _live.Changed();
        }
    }

    private void OnDataChanged(string key)
    {
        Nsp.Server.Observer?.OnDataChanged(this, key);
        OnChanged();
    }

    private ValueTask WhenKept() => _live is not null && _isConnected ? new ValueTask(_live.Changed()) : ValueTask.CompletedTask;

    private static async Task AfterAsync(Task before, Action action)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        action();
    }

    private void Leave(RecoverableSession? session)
    {
        Nsp.Remove(this);
        if (Pid is not null)
        {
            _ = LeaveAsync(session);
        }
    }

    private async Task LeaveAsync(RecoverableSession? session)
    {
        if (_live is not null)
        {
            await _live.StopAsync();
        }

        if (session is not null || _live is not null)
        {
            await PersistAsync(session);
        }

        // Only now: until here a client that comes back must find this socket, and wait for it.
        Nsp.ForgetPid(this);
        _gone!.TrySetResult();
    }

    private async Task PersistAsync(RecoverableSession? session)
    {
        try
        {
            await (session is null ? Nsp.Adapter.ForgetSessionAsync(Pid!) : Nsp.Adapter.PersistSessionAsync(session));
        }
#pragma warning disable CA1031 // The client gets a new session instead.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.PersistFailed(Nsp.Server.Logger, exception, Nsp.Name);
        }
    }

    private PendingAck? TakePendingAck(long id)
    {
        lock (_gate)
        {
            return _pendingAcks is not null && _pendingAcks.Remove(id, out var ack) ? ack : null;
        }
    }

    private static SocketIOException CreateDisconnectedException() => new("socket has been disconnected");
}
