using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Sessions;
using StickyAspire.Yarp.Stats.Counting;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>What is left to count when a tunnel ends whose request has ended before.</summary>
internal sealed class StatsHold(StatsCollector collector, ClusterCounters cluster, ServerCounters server, long began, long sent, bool isAnswered) : SessionHold
{
    private const int Status = StatusCodes.Status101SwitchingProtocols;

    public override void Release(ForwarderError error, Exception? exception)
    {
        if (error == ForwarderError.None || isAnswered)
        {
            server.AddResponse(Status);
        }

        server.AddTotalTime(collector.MillisecondsSince(sent));
        if (error != ForwarderError.None)
        {
            Blame.For(error, exception, collector.Requests, cluster, server);
        }

        server.End();
        collector.Connections.End();
        collector.Requests.End();
        collector.Requests.AddResponse(Status);
        cluster.End();
        cluster.AddResponse(Status);
        cluster.AddTotalTime(collector.MillisecondsSince(began));
    }
}
