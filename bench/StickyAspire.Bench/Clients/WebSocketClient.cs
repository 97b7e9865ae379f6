using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Clients;

/// <summary>Socket.IO over WebSocket alone.</summary>
internal sealed class WebSocketClient(EventLoop loop, int port) : BenchClient(loop, port)
{
    private static readonly byte[] ConnectFrame = WebSocketFrame.Text("40"u8);
    private static readonly byte[] PongFrame = WebSocketFrame.Text("3"u8);

    private WebSocketConnection? _connection;

    public override void Start() =>
        _connection = new WebSocketConnection(Loop, Port, "/socket.io/?EIO=4&transport=websocket", Cookie)
        {
            Answered = OnAnswer,
            Received = OnMessage,
            Closed = () => OnLost("the WebSocket ended"),
        };

    public override byte[] Prepare(ReadOnlySpan<byte> message) => WebSocketFrame.Text(message);

    public override void Send(byte[] prepared) => _connection!.Send(prepared);

    public override void Close() => _connection?.Close();

    private void OnMessage(ReadOnlySpan<byte> message)
    {
        switch (message[0])
        {
            case (byte)'0':
                Send(ConnectFrame);
                break;
            case (byte)'2':
                Send(PongFrame);
                break;
            case (byte)'4' when message[1] == '0':
                OnReady();
                break;
            case (byte)'4':
                Received?.Invoke(this, message);
                break;
        }
    }
}
