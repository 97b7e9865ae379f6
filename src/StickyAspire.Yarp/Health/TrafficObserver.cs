using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Health;

/// <summary>HAProxy's <c>observe</c>: errors in a row in a server's own traffic do what failing checks do, long before the checks notice.</summary>
internal sealed class TrafficObserver(ServerHealth health, ServerCheckMonitor monitor)
{
    /// <summary>Takes in an answer. That a WebSocket has ended says nothing.</summary>
    public void Answered(ClusterState cluster, DestinationState destination, ServerStatus server, int status)
    {
        if (ForwarderOutcome.IsBadStatus(status))
        {
            Failed(cluster, destination, server, ObserveLayer.Layer7);
        }
        else if (status != StatusCodes.Status101SwitchingProtocols)
        {
            server.EndErrorsInARow();
        }
    }

    /// <summary>Takes in an error that shows at a layer and all above.</summary>
    public void Failed(ClusterState cluster, DestinationState destination, ServerStatus server, ObserveLayer layer)
    {
        var options = ObserveOptions.Of(cluster.Model.Config);
        if (options.Layer >= layer && server.CountErrorInARow(options.ErrorLimit))
        {
            health.ObserveErrors(cluster, destination, options);
            monitor.Hurry(cluster, destination);
        }
    }
}
