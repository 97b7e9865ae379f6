using System.Net.Sockets;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Health;

/// <summary>Active checks as HAProxy counts them: an answer of 2xx or 3xx passes. <see cref="ServerHealth"/> decides what follows.</summary>
internal sealed class RiseFallHealthPolicy(ServerHealth health, ServerRegistry registry, TimeProvider timeProvider) : IActiveHealthCheckPolicy
{
    public const string PolicyName = "RiseFall";

    private const int BadRequest = 400;

    public string Name => PolicyName;

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        foreach (var result in probingResults)
        {
            var server = registry.Get(cluster, result.Destination);
            var (sentAt, own) = server.CheckSent;

            // The server counted somewhere between the check and its answer. What came or went here meanwhile must not look like others' sessions: a phantom would turn clients away for a second.
            own = Math.Max(own, server.GetLoad(result.Destination));
            var report = result.Response is { } response && response.Headers.TryGetValues(StateReport.HeaderName, out var values) ? StateReport.Parse(string.Join(' ', values)) : default;
            health.Check(cluster, result.Destination, CreateResult(result, sentAt), report, own);
        }
    }

    private CheckResult CreateResult(DestinationProbingResult result, long sentAt)
    {
        var status = (int?)result.Response?.StatusCode;
        var passed = result.Exception is null && status < BadRequest;
        var (reason, detail) = result.Exception switch
        {
            null when passed => ("L7OK", ""),
            null => ("L7STS", $"status {status}"),
            OperationCanceledException => ("L7TOUT", "no answer in time"),
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.TimedOut } } error => ("L4TOUT", error.Message),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } error => ("L4CON", error.Message),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } error => ("L6RSP", error.Message),
            var error => ("L7RSP", error.Message),
        };
        return new CheckResult(passed, status, reason, detail, sentAt == 0 ? TimeSpan.Zero : timeProvider.GetElapsedTime(sentAt), timeProvider.GetUtcNow());
    }
}
