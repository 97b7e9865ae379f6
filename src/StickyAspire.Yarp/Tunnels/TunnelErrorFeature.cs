using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>What went wrong, for passive health checks and whoever else asks.</summary>
internal sealed class TunnelErrorFeature(ForwarderError error, Exception? exception) : IForwarderErrorFeature
{
    public ForwarderError Error => error;

    public Exception? Exception => exception;
}
