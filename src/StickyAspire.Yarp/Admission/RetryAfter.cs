using System.Globalization;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Admission;

/// <summary>Refuses requests and says when to come again: each client at a moment of its own, or all that lost their server would return as one storm.</summary>
internal static class RetryAfter
{
    /// <summary>Answers with the status, and with a <c>Retry-After</c> of 1 second up to the cluster's <c>Admission.RetryAfter</c>.</summary>
    public static void Refuse(HttpContext context, int statusCode)
    {
        var max = Math.Max(1, (int)AdmissionOptions.Of(context.GetReverseProxyFeature().Cluster.Config).RetryAfter.TotalSeconds);
        context.Response.StatusCode = statusCode;
        context.Response.Headers.RetryAfter = Random.Shared.Next(1, max + 1).ToString(CultureInfo.InvariantCulture);
        context.Features.Set<IForwarderErrorFeature>(new Refusal());
    }

    /// <summary>So that logs and statistics see why there was no answer from a server.</summary>
    private sealed class Refusal : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.NoAvailableDestinations;

        public Exception? Exception => null;
    }
}
