using System.Net.WebSockets;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// A WebSocket as its transport needs it: whole messages in, many packets out at once. One reads; one writes at a time, which the transport sees to.
/// </summary>
internal abstract class WebSocketLink : IAsyncDisposable
{
    private int _closeStatus;

    /// <summary>Whether the connection's own frames wait to be written: a pong, a close.</summary>
    public virtual bool HasControl => IsCloseWaiting;

    /// <summary>Whether the connection needs its request no more, which then should end.</summary>
    public virtual bool IsDetached => false;

    /// <summary>Whether no more packets should be written before the next flush.</summary>
    public abstract bool IsFull { get; }

    /// <summary>Whether the close frame is still to be sent.</summary>
    protected bool IsCloseWaiting => _closeStatus > 0 && !IsCloseSent;

    /// <summary>Whether the close frame has been sent. Nothing may follow it.</summary>
    protected bool IsCloseSent { get; set; }

    protected WebSocketCloseStatus CloseStatus => (WebSocketCloseStatus)_closeStatus;

    /// <summary>Waits for the next message. An idle connection holds no buffer meanwhile.</summary>
    /// <exception cref="WebSocketViolation">The client broke the rules.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="WebSocketException">The connection broke, or the client broke the rules.</exception>
    public abstract ValueTask<WebSocketMessage> ReceiveAsync();

    /// <summary>Takes the next message if all of it is here already.</summary>
    public abstract bool TryReceive(out WebSocketMessage message);

    /// <summary>
    /// Reads on to the client's close frame, and throws away what comes before it. A connection that ends with bytes unread is reset, and a reset takes
    /// our close frame with it (RFC 6455, section 7.1.1). Ends without a word where the frames can be told apart no more.
    /// </summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public abstract ValueTask DrainAsync();

    /// <summary>Adds a packet to what the next flush sends.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="hasTypeByte">Whether a binary packet begins with its type, as in protocol 3.</param>
    public abstract void Write(EnginePacket packet, bool hasTypeByte);

    /// <summary>Sends what has been written, and the connection's own frames.</summary>
    public abstract ValueTask FlushAsync();

    /// <summary>Has the next flush send a close frame, after what has been written before. The first status counts.</summary>
    public void RequestClose(WebSocketCloseStatus status) => Interlocked.CompareExchange(ref _closeStatus, (int)status, 0);

    /// <summary>Ends the connection at once.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}
