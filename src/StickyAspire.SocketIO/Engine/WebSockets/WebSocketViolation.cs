using System.Net.WebSockets;

namespace StickyAspire.SocketIO.Engine;

/// <summary>A client broke the rules of RFC 6455, or sent more than it may.</summary>
internal sealed class WebSocketViolation(WebSocketCloseStatus status, string message) : Exception(message)
{
    /// <summary>What the connection is closed with: 1002, 1007 or 1009.</summary>
    public WebSocketCloseStatus Status { get; } = status;
}
