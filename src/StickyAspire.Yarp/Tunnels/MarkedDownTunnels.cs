using StickyAspire.Yarp.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>HAProxy's <c>on-marked-down shutdown-sessions</c>: clients of a server that is down are told so at once, and reconnect to another.</summary>
internal sealed class MarkedDownTunnels(TunnelRegistry registry) : IServerDownListener
{
    public void ShutdownSessions(ClusterState cluster, DestinationState destination) => registry.CloseAll(destination, CloseFrame.GoingAway);
}
