using StickyAspire.Yarp.Stats.Counting;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>Whose fault a failed request is, in HAProxy's columns: <c>econ</c>, <c>eresp</c>, <c>cli_abrt</c>, <c>srv_abrt</c>, <c>ereq</c>.</summary>
internal static class Blame
{
    public static void For(ForwarderError error, Exception? exception, SessionCounters frontend, SessionCounters cluster, SessionCounters server)
    {
        switch (error)
        {
            case ForwarderError.Request when IsConnectFailure(exception):
                cluster.AddConnectError();
                server.AddConnectError();
                break;

            case ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.ResponseHeaders:
                cluster.AddResponseError();
                server.AddResponseError();
                break;

            case ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination
                or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeActivityTimeout:
                cluster.AddServerAbort();
                server.AddServerAbort();
                break;

            case ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyCanceled
                or ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient
                or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient:
                frontend.AddClientAbort();
                cluster.AddClientAbort();
                server.AddClientAbort();
                if (error is ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient)
                {
                    frontend.AddRequestError();
                }

                break;
        }
    }

    private static bool IsConnectFailure(Exception? exception) =>
        exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        };
}
