namespace StickyAspire.Yarp.Tunnels;

/// <summary>What a tunnel's times ask for.</summary>
internal enum TunnelDue
{
    Nothing,

    /// <summary>It has been silent for too long and shall close.</summary>
    Idle,

    /// <summary>Half of the close timeout is over: the server needs a close frame of its own.</summary>
    AskServer,

    /// <summary>All of it is over.</summary>
    Abort,
}
