using System.Runtime.CompilerServices;
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
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer, CancellationToken cancellationToken) =>
        context.Features.Get<ProxiedRequest>() is { } request && context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination is { } destination
            ? CountAsync(request, destination.DestinationId, context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken)
            : inner.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ForwarderError> CountAsync(
        ProxiedRequest request,
        string serverId,
        HttpContext context,
        string destinationPrefix,
        HttpMessageInvoker httpClient,
        ForwarderRequestConfig requestConfig,
        HttpTransformer transformer,
        CancellationToken cancellationToken)
    {
        request.BeginAttempt(serverId);
        var error = ForwarderError.Request;
        try
        {
            error = await inner.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken);
            return error;
        }
        finally
        {
            if (SessionLease.Of(context) is null)
            {
                request.EndAttempt(error);
            }
        }
    }
}
