using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Sessions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>
/// Counts what is sent to each server, around whichever forwarder there is: here, and nowhere earlier in the pipeline, it is certain which server is asked, and how often.
/// </summary>
internal sealed class StatsForwarder(IHttpForwarder inner) : IHttpForwarder
{
    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, CancellationToken.None);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer, CancellationToken cancellationToken)
    {
        if (context.Features.Get<ProxiedRequest>() is { } request && context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination is { } destination)
        {
            request.BeginAttempt(destination.DestinationId);
            RequestScope.Of(context).Push(new Attempt(request));
        }

        return inner.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken);
    }

    private sealed class Attempt(ProxiedRequest request) : RequestHold
    {
        public override void End(HttpContext context, bool hasThrown) =>
            request.EndAttempt(hasThrown ? ForwarderError.Request : context.Features.Get<IForwarderErrorFeature>()?.Error ?? ForwarderError.None);

        /// <summary>Its end is counted with the whole request's.</summary>
        public override void Leave(HttpContext context, SessionLease lease)
        {
        }
    }
}
