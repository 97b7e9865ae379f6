using System.Text.Json;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <summary>One client's connection, with a socket for each namespace it has joined: Node's <c>Client</c>.</summary>
internal sealed class SocketIOConnection : IEngineSessionHandler
{
    private static readonly byte[] TooManyNamespaces = """{"message":"Too many namespaces"}"""u8.ToArray();

    private readonly Lock _gate;
    private readonly SocketIOServer _server;
    private readonly ISocketIODecoder _decoder;
    private SocketMap _sockets;
    private HashSet<string>? _connecting;
    private ITimer? _connectTimer;
    private bool _isClosed;

    public SocketIOConnection(SocketIOServer server, EngineSession session)
    {
        _server = server;
        Session = session;
        _gate = session.Gate;
        _decoder = server.Parser.CreateDecoder();
        Pending = new PendingEvents(server.Options.MaxPendingEvents, session.Gate);
        _connectTimer = server.TimeProvider.CreateQuietTimer(
            static connection => ((SocketIOConnection)connection!).OnConnectTimeout(), this, server.Options.ConnectTimeout);
    }

    public EngineSession Session { get; }

    public PendingEvents Pending { get; }

    /// <summary>Clients of protocol 3 join the default namespace by connecting.</summary>
    public void OnOpened()
    {
        if (Session.Protocol == 3)
        {
            Connect("/", default);
        }
    }

    public ValueTask OnMessageAsync(ReadOnlyMemory<byte> data, bool isBinary)
    {
        switch (_decoder.Add(data, isBinary, out var packet))
        {
            case SocketIODecodeResult.Complete:
                _server.Metrics.Received();
                return OnPacketAsync(packet!);

            case SocketIODecodeResult.Invalid:
                // Node closes the transport and lets that end the sockets: their reason is "forced close".
                TellError(new SocketIOException("invalid packet"));
                Session.Close();
                break;
        }

        return ValueTask.CompletedTask;
    }

    public void OnUpgraded()
    {
        if (_server.Observer is not { } observer)
        {
            return;
        }

        SocketIOSocket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets.Values];
        }

        foreach (var socket in sockets)
        {
            observer.OnUpgraded(socket);
        }
    }

    public void OnClosed(string reason)
    {
        SocketIOSocket[] sockets;
        lock (_gate)
        {
            _isClosed = true;
            sockets = [.. _sockets.Values];
        }

        _connectTimer?.Dispose();
        foreach (var socket in sockets)
        {
            socket.OnClosed(reason);
        }

        Pending.Stop();
    }

    public void Send(SocketIOPacket packet, bool compress)
    {
        var frames = packet.GetFrames(_server.Parser);
        _server.Metrics.Sent(1);
        Session.Send(new EnginePacket(frames.First, frames.IsBinary, compress), frames.Attachments);
    }

    /// <summary>Disconnects every socket, then the connection.</summary>
    public void DisconnectAll()
    {
        SocketIOSocket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets.Values];
        }

        foreach (var socket in sockets)
        {
            socket.Disconnect(close: false);
        }

        Close(DisconnectReason.ForcedServerClose);
    }

    public void Remove(SocketIOSocket socket)
    {
        lock (_gate)
        {
            if (_sockets.TryGetValue(socket.Nsp.Name, out var current) && current == socket)
            {
                _sockets.Remove(socket.Nsp.Name);
            }
        }
    }

    private ValueTask OnPacketAsync(SocketIOPacket packet)
    {
        var name = packet.Namespace;
        var query = "";
        if (Session.Protocol == 3 && name.IndexOf('?', StringComparison.Ordinal) is > 0 and var end)
        {
            // Clients of protocol 3 have no auth payload: they write it behind the namespace's name.
            (name, query) = (name[..end], name[end..]);
        }

        SocketIOSocket? socket;
        var isNew = false;
        var isTooMany = false;
        lock (_gate)
        {
            if (!_sockets.TryGetValue(name, out socket) && packet.Type == SocketIOPacketType.Connect)
            {
                isTooMany = _sockets.Count + (_connecting?.Count ?? 0) >= _server.Options.MaxNamespacesPerConnection;
                isNew = !isTooMany && (_connecting ??= []).Add(name);
            }
        }

        if (isTooMany)
        {
            Send(new SocketIOPacket(SocketIOPacketType.ConnectError, name, TooManyNamespaces), compress: true);
            return ValueTask.CompletedTask;
        }

        if (isNew)
        {
            Connect(name, Session.Protocol == 3 ? QueryAuth.Read(query) : ReadAuth(packet));
            return ValueTask.CompletedTask;
        }

        if (socket is not null && packet.Type is SocketIOPacketType.Event or SocketIOPacketType.Ack or SocketIOPacketType.Disconnect)
        {
            return socket!.OnPacketAsync(packet);
        }

        // A CONNECT twice, an event before CONNECT: not what the protocol allows.
        if (!(socket is null && packet.Type is SocketIOPacketType.Disconnect))
        {
            Close(DisconnectReason.ForcedServerClose);
        }

        return ValueTask.CompletedTask;
    }

    private void TellError(SocketIOException error)
    {
        SocketIOSocket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets.Values];
        }

        foreach (var socket in sockets)
        {
            socket.TellError(error);
        }
    }

    private JsonElement ReadAuth(SocketIOPacket packet)
    {
        if (packet.Data.IsEmpty)
        {
            return default;
        }

        var reader = new Utf8JsonReader(packet.Data.Span, new JsonReaderOptions { MaxDepth = _server.Serializer.MaxDepth });
        return JsonElement.ParseValue(ref reader);
    }

    private void Connect(string name, JsonElement auth) => _ = new SocketAdmission(_server, this, name, auth).RunAsync();

    /// <summary>A socket takes its place; false if the connection has ended.</summary>
    public bool TryAdd(SocketIOSocket socket)
    {
        lock (_gate)
        {
            StopConnecting(socket.Nsp.Name);
            if (_isClosed || !Session.IsOpen)
            {
                return false;
            }

            _sockets.Add(socket.Nsp.Name, socket);
            _connectTimer?.Dispose();
            _connectTimer = null;
            return true;
        }
    }

    /// <summary>The client does not join the namespace after all, and may ask again.</summary>
    public void Forget(string name)
    {
        lock (_gate)
        {
            StopConnecting(name);
        }
    }

    /// <summary>Under the lock.</summary>
    private void StopConnecting(string name)
    {
        if (_connecting is not null && _connecting.Remove(name) && _connecting.Count == 0)
        {
            _connecting = null;
        }
    }

    private void OnConnectTimeout()
    {
        lock (_gate)
        {
            if (_sockets.Count > 0 || _isClosed)
            {
                return;
            }
        }

        Close(DisconnectReason.ForcedServerClose);
    }

    /// <summary>The sockets leave with the given reason; the transport closes once what was sent has left.</summary>
    private void Close(string reason)
    {
        OnClosed(reason);
        Session.Close();
    }
}
