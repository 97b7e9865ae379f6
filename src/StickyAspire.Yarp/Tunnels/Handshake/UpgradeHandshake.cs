using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using StickyAspire.Connections;
using StickyAspire.Yarp.Sessions;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>Opens a tunnel: transforms and sends the request, and passes the answer on, whatever it is. Statuses and errors are those of YARP's forwarder.</summary>
internal sealed class UpgradeHandshake(ServerConnector connector, TrunkPool trunks, TimeProvider timeProvider, ILogger<UpgradeHandshake> logger)
{
    /// <summary>YARP's.</summary>
    private static readonly TimeSpan DefaultActivityTimeout = TimeSpan.FromSeconds(100);

    public async Task<HandshakeResult> RunAsync(UpgradeRequest upgrade, TunnelCounters counters)
    {
        var context = upgrade.Context;
        using var timeout = new CancellationTokenSource(upgrade.Config.ActivityTimeout ?? DefaultActivityTimeout, timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted, upgrade.Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, (Uri?)null) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        var isCreated = false;
        Upstream? upstream = null;
        HttpResponseMessage response;
        try
        {
            await upgrade.Transformer.TransformRequestAsync(context, request, upgrade.DestinationPrefix, ended.Token);
            if (context.Response.HasStarted || context.Response.StatusCode != StatusCodes.Status200OK)
            {
                return HandshakeResult.Answered();
            }

            request.RequestUri ??= RequestUtilities.MakeDestinationAddress(upgrade.DestinationPrefix, context.Request.Path, context.Request.QueryString);
            if (request.RequestUri.Scheme != Uri.UriSchemeHttp)
            {
                return HandshakeResult.Foreign;
            }

            AddUpgradeHeaders(context.Request.Headers, request);
            AddTraceContext(request);
            isCreated = true;
            upstream = new Upstream(await ConnectAsync(request.RequestUri, upgrade.Options, ended.Token));
            await upstream.SendAsync(request, upgrade.Cluster.HttpClient?.RequestHeaderEncoding is { } name ? Encoding.GetEncoding(name) : null, ended.Token);
            response = await upstream.ReceiveAsync(ended.Token);
        }
        catch (Exception exception)
        {
            upstream?.Dispose();
            return await FailAsync(upgrade, counters, exception, timeout.IsCancellationRequested, isCreated);
        }

        using (upstream)
        using (response)
        {
            response.RequestMessage = request;
            timeout.CancelAfter(upgrade.Config.ActivityTimeout ?? DefaultActivityTimeout);
            return await AnswerAsync(upgrade, counters, upstream, response, timeout, ended.Token);
        }
    }

    /// <summary>By a trunk where one leads to the server; else by a connection of the tunnel's own.</summary>
    private async ValueTask<ServerConnection> ConnectAsync(Uri uri, TunnelOptions options, CancellationToken cancellationToken) => trunks.TryOpen(uri, options) is { } stream
        ? new TrunkServerConnection(stream)
        : new SocketServerConnection(await connector.ConnectAsync(uri, options.ConnectTimeout, cancellationToken));

    private static async Task<HandshakeResult> AnswerAsync(
        UpgradeRequest upgrade, TunnelCounters counters, Upstream upstream, HttpResponseMessage response, CancellationTokenSource timeout, CancellationToken ended)
    {
        var context = upgrade.Context;
        try
        {
            context.Response.StatusCode = (int)response.StatusCode;
            if (response.ReasonPhrase != ReasonPhrases.GetReasonPhrase((int)response.StatusCode))
            {
                context.Features.Get<IHttpResponseFeature>()?.ReasonPhrase = response.ReasonPhrase;
            }

            if (!await upgrade.Transformer.TransformResponseAsync(context, response, ended))
            {
                return HandshakeResult.Answered();
            }
        }
        catch (Exception exception)
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Report(context, ForwarderError.ResponseHeaders, exception);
        }

        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            counters.AddRefused();
            return await AnswerCopier.CopyAsync(upgrade, response, timeout, ended) is var (error, exception)
                ? Report(context, error, exception)
                : HandshakeResult.Answered();
        }

        CopyUpgradeHeaders(response, context.Response.Headers);
        try
        {
            var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

            // From here on it is not a request any more that could take too long.
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            var early = upstream.Unread.IsEmpty ? null : upstream.Unread.ToArray();
            upstream.Release();
            return new HandshakeResult(CreateTunnel(upgrade, stream, upstream.Connection), early);
        }
        catch (Exception exception)
        {
            return Report(context, ForwarderError.UpgradeResponseClient, exception);
        }
    }

    /// <summary>Without its request, where nobody needs that any more.</summary>
    private static Tunnel CreateTunnel(UpgradeRequest upgrade, Stream stream, ServerConnection server)
    {
        var context = upgrade.Context;
        if (upgrade.Options.Detach && context.Features.Get<RequestScope>()?.Lease is { } lease && DetachableConnection.TryDetach(context, stream) is { } client)
        {
            lease.Take();
            return new Tunnel(client, server, upgrade.Options);
        }

        return new Tunnel(context, ClientTransport.Get(context.Features, stream), server, upgrade.Options);
    }

    private async Task<HandshakeResult> FailAsync(UpgradeRequest upgrade, TunnelCounters counters, Exception exception, bool timedOut, bool isCreated)
    {
        var context = upgrade.Context;
        var (error, status) = exception switch
        {
            _ when context.RequestAborted.IsCancellationRequested => (ForwarderError.RequestCanceled, StatusCodes.Status400BadRequest),
            _ when upgrade.Cancellation.IsCancellationRequested => (ForwarderError.RequestCanceled, StatusCodes.Status502BadGateway),
            OperationCanceledException when timedOut => (ForwarderError.RequestTimedOut, StatusCodes.Status504GatewayTimeout),

            // YARP calls this a timeout of the request; but no connection was made, so nothing was sent, and it may be tried elsewhere.
            HttpRequestException { InnerException: TimeoutException } => (ForwarderError.Request, StatusCodes.Status504GatewayTimeout),

            // Nor would it work elsewhere.
            TooManyOpenFilesException => (ForwarderError.NoAvailableDestinations, StatusCodes.Status503ServiceUnavailable),
            _ when isCreated => (ForwarderError.Request, StatusCodes.Status502BadGateway),
            _ => (ForwarderError.RequestCreation, StatusCodes.Status502BadGateway),
        };
        if (error != ForwarderError.RequestCanceled)
        {
            counters.AddFailed();
            TunnelLog.Failed(logger, exception, counters.ClusterId, counters.DestinationId, error);
        }

        var result = Report(context, error, exception);
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = status;
            await upgrade.Transformer.TransformResponseAsync(context, null, CancellationToken.None);
        }

        return result;
    }

    private static HandshakeResult Report(HttpContext context, ForwarderError error, Exception exception)
    {
        context.Features.Set<IForwarderErrorFeature>(new TunnelErrorFeature(error, exception));
        return HandshakeResult.Answered(error);
    }

    /// <summary>They belong to a connection, so transforms do not copy them.</summary>
    private static void AddUpgradeHeaders(IHeaderDictionary client, HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation(HeaderNames.Connection, HeaderNames.Upgrade);
        request.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, client.Upgrade.ToString());
    }

    /// <summary>As HttpClient does: the server's spans belong to the gateway's.</summary>
    private static void AddTraceContext(HttpRequestMessage request)
    {
        if (Activity.Current is not { } activity)
        {
            return;
        }

        var propagator = DistributedContextPropagator.Current;
        foreach (var field in propagator.Fields)
        {
            request.Headers.Remove(field);
        }

        propagator.Inject(activity, request, static (carrier, name, value) => ((HttpRequestMessage)carrier!).Headers.TryAddWithoutValidation(name, value));
    }

    private static void CopyUpgradeHeaders(HttpResponseMessage server, IHeaderDictionary client)
    {
        if (server.Headers.NonValidated.TryGetValues(HeaderNames.Upgrade, out var protocol))
        {
            client.Connection = HeaderNames.Upgrade;
            client.Upgrade = protocol.ToString();
        }
    }
}
