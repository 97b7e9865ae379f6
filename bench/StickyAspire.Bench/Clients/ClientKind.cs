namespace StickyAspire.Bench.Clients;

/// <summary>How a client talks.</summary>
internal enum ClientKind
{
    WebSocket,
    Polling,
    Upgrading,
    SignalR,
}
