using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Tunnels;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>
/// A factory whose clients count the connections they open and how long that took: HAProxy's <c>connect</c> and <c>ctime</c>. Requests on connections that are there already
/// pay nothing for it, nor do a trunk's streams, and unlike HAProxy's do not draw the average towards 0.
/// </summary>
internal sealed class StatsHttpClientFactory(ILogger<ForwarderHttpClientFactory> logger, TrunkPool trunks, StatsCollector collector, IServiceProvider services)
    : FrugalHttpClientFactory(logger, trunks)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        var inner = handler.ConnectCallback!;
        var clusterId = context.ClusterId;
        handler.ConnectCallback = async (connection, cancellationToken) =>
        {
            var began = Stopwatch.GetTimestamp();
            var stream = await inner(connection, cancellationToken);
            if (stream is not TrunkNetworkStream)
            {
                Count(clusterId, connection.DnsEndPoint, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return stream;
        };
    }

    /// <summary>The connection may serve any request of the cluster, so its address says whose it is.</summary>
    private void Count(string clusterId, DnsEndPoint endPoint, double milliseconds)
    {
        // Asked for only now: the proxy's state is made with this factory.
        if (!services.GetRequiredService<IProxyStateLookup>().TryGetCluster(clusterId, out var cluster))
        {
            return;
        }

        var counters = collector.Cluster(clusterId);
        counters.AddConnectTime(milliseconds);
        foreach (var destination in cluster.Destinations.Values)
        {
            if (Uri.TryCreate(destination.Model.Config.Address, UriKind.Absolute, out var address)
                && address.Port == endPoint.Port && string.Equals(address.IdnHost, endPoint.Host, StringComparison.OrdinalIgnoreCase))
            {
                counters.Server(destination.DestinationId).AddConnection(milliseconds);
                return;
            }
        }
    }
}
