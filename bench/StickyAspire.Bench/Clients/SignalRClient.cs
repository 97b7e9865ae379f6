using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Clients;

/// <summary>SignalR: JSON over WebSocket, without negotiation.</summary>
internal sealed class SignalRClient(EventLoop loop, int port) : BenchClient(loop, port)
{
    private const byte Separator = 0x1e;

    private static readonly byte[] HandshakeFrame = WebSocketFrame.Text("{\"protocol\":\"json\",\"version\":1}\x1e"u8);
    private static readonly byte[] PingFrame = WebSocketFrame.Text("{\"type\":6}\x1e"u8);

    private WebSocketConnection? _connection;

    public override void Start()
    {
        _connection = new WebSocketConnection(Loop, Port, "/hubs/bench", Cookie) { Answered = OnAnswer, Received = OnMessage, Closed = () => OnLost("the WebSocket ended") };
        Send(HandshakeFrame);
        KeepAlive();
    }

    public override byte[] Prepare(ReadOnlySpan<byte> message) => WebSocketFrame.Text([.. message, Separator]);

    public override void Send(byte[] prepared) => _connection!.Send(prepared);

    public override void Close() => _connection?.Close();

    /// <summary>The server lets go of a client that is silent for 30 seconds.</summary>
    private void KeepAlive() =>
        Loop.Schedule(TimeSpan.FromSeconds(15), () =>
        {
            if (!_connection!.IsClosed)
            {
                Send(PingFrame);
                KeepAlive();
            }
        });

    private void OnMessage(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var end = data.IndexOf(Separator);
            var message = end < 0 ? data : data[..end];
            data = end < 0 ? default : data[(end + 1)..];
            if (!IsReady)
            {
                OnReady();
            }
            else if (!message.StartsWith("{\"type\":6}"u8))
            {
                Received?.Invoke(this, message);
            }
        }
    }
}
