namespace StickyAspire.Yarp.Tunnels;

/// <summary>Why a tunnel has ended: the first thing that happened.</summary>
internal enum TunnelEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The client closed its connection in order.</summary>
    ClientClosed,

    /// <summary>The server closed its connection in order.</summary>
    ServerClosed,

    /// <summary>The client's connection broke.</summary>
    ClientFailed,

    /// <summary>The server's connection broke.</summary>
    ServerFailed,

    /// <summary>Nothing passed in either direction for <c>Tunnel.IdleTimeout</c>.</summary>
    Idle,

    /// <summary>The gateway goes down.</summary>
    Shutdown,

    /// <summary>Somebody here had the tunnels of its server closed: the server is marked down, or an operator wants it so.</summary>
    Evicted,
}
