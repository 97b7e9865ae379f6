using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Clients;

/// <summary>Socket.IO as browsers begin by default: long-polling, then the upgrade to WebSocket. Ready when the upgrade is done and has been answered.</summary>
internal sealed class UpgradingClient(EventLoop loop, int port) : PollingClient(loop, port)
{
    private static readonly byte[] ProbeFrame = WebSocketFrame.Text("2probe"u8);
    private static readonly byte[] UpgradeFrame = WebSocketFrame.Text("5"u8);
    private static readonly byte[] PongFrame = WebSocketFrame.Text("3"u8);
    private static readonly byte[] WhoAmIFrame = WebSocketFrame.Text("420[\"whoami\"]"u8);

    private WebSocketConnection? _socket;
    private Action<BenchClient>? _ready;
    private bool _probed;
    private bool _upgraded;

    public override void Start()
    {
        // Polling's own readiness is only half of ours.
        _ready = Ready;
        Ready = _ => Proceed();
        base.Start();
    }

    public override byte[] Prepare(ReadOnlySpan<byte> message) => _upgraded ? WebSocketFrame.Text(message) : base.Prepare(message);

    public override void Send(byte[] prepared)
    {
        if (_upgraded)
        {
            _socket!.Send(prepared);
        }
        else
        {
            base.Send(prepared);
        }
    }

    public override void Close()
    {
        base.Close();
        _socket?.Close();
    }

    protected override void OnOpen()
    {
        _socket = new WebSocketConnection(Loop, Port, "/socket.io/?EIO=4&transport=websocket&sid=" + SessionId, Cookie) { Received = OnMessage, Closed = () => OnLost("the WebSocket ended") };
        _socket.Send(ProbeFrame);
    }

    protected override void Poll()
    {
        if (_probed && IsReady)
        {
            Proceed();
        }
        else
        {
            base.Poll();
        }
    }

    private void OnMessage(ReadOnlySpan<byte> message)
    {
        if (message.SequenceEqual("3probe"u8))
        {
            _probed = true;
            Proceed();
        }
        else if (message[0] == '2')
        {
            _socket!.Send(PongFrame);
        }
        else if (message.StartsWith("430"u8) && _ready is { } ready)
        {
            _ready = null;
            ready(this);
        }
        else
        {
            OnPacket(message);
        }
    }

    /// <summary>The upgrade goes on once the probe has been answered, the namespace joined, and the last poll has come back.</summary>
    private void Proceed()
    {
        if (_probed && IsReady && !IsPolling && !_upgraded)
        {
            _upgraded = true;
            _socket!.Send(UpgradeFrame);
            _socket.Send(WhoAmIFrame);
        }
    }
}
