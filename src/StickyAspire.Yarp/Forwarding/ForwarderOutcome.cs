using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>Whose fault it was when forwarding failed.</summary>
internal static class ForwarderOutcome
{
    /// <summary>Whether no connection to the server could be made.</summary>
    public static bool IsConnectFailure(IForwarderErrorFeature error) => error is
    {
        Error: ForwarderError.Request,
        Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError },
    };

    /// <summary>Whether the server answered wrongly, broke off, or did not answer in time.</summary>
    public static bool IsResponseFailure(IForwarderErrorFeature error) => !IsConnectFailure(error) && error.Error
        is ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestBodyDestination
        or ForwarderError.ResponseHeaders or ForwarderError.ResponseBodyDestination
        or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination;

    /// <summary>HAProxy's list of bad answers: 5xx, but for 501 and 505, which say something about the request.</summary>
    public static bool IsBadStatus(int status) => status >= StatusCodes.Status500InternalServerError
        && status is not (StatusCodes.Status501NotImplemented or StatusCodes.Status505HttpVersionNotsupported);
}
