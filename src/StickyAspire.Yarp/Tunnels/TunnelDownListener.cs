using StickyAspire.Yarp.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>Closes a server's WebSockets when it is marked down and <c>Check.OnMarkedDown</c> asks for it: 1001, so clients reconnect, and find another server.</summary>
internal sealed class TunnelDownListener(TunnelRegistry registry) : IServerDownListener
{
    public void ShutdownSessions(ClusterState cluster, DestinationState destination) => registry.CloseAll(destination, CloseFrame.GoingAway);
}
