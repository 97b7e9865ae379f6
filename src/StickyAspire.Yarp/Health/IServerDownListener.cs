using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Health;

/// <summary>Ends a server's sessions when <c>Check.OnMarkedDown</c> or <c>Check.OnMarkedUp</c> says so. What holds long-lived connections open registers itself as one of these.</summary>
internal interface IServerDownListener
{
    /// <summary>Ends every session on the server through this gateway. Must not block: it is called where a check ends.</summary>
    void ShutdownSessions(ClusterState cluster, DestinationState destination);
}
