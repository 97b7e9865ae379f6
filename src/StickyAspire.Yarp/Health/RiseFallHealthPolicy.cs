using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Health;

/// <summary>
/// Active checks as HAProxy counts them: down after <c>fall</c> failures in a row, up again after <c>rise</c> successes in a row.
/// A server of which nothing is known yet is used, and its first check decides.
/// </summary>
internal sealed partial class RiseFallHealthPolicy(IDestinationHealthUpdater healthUpdater, ILogger<RiseFallHealthPolicy> logger) : IActiveHealthCheckPolicy
{
    public const string PolicyName = "RiseFall";

    private readonly ConditionalWeakTable<DestinationState, Streak> _streaks = [];

    public string Name => PolicyName;

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        if (probingResults.Count == 0)
        {
            return;
        }

        var options = RiseFallOptions.Of(cluster.Model.Config);
        var healths = new NewActiveDestinationHealth[probingResults.Count];
        for (var i = 0; i < healths.Length; i++)
        {
            var result = probingResults[i];
            var destination = result.Destination;
            var passed = result.Exception is null && result.Response is { IsSuccessStatusCode: true };
            var health = _streaks.GetOrCreateValue(destination).Add(passed, destination.Health.Active, options);
            healths[i] = new NewActiveDestinationHealth(destination, health);
            Log(cluster, result, health);
        }

        healthUpdater.SetActive(cluster, healths);
    }

    /// <summary>One line for each change, as HAProxy has it; the checks between are YARP's to log, at Debug.</summary>
    private void Log(ClusterState cluster, DestinationProbingResult result, DestinationHealth health)
    {
        var current = result.Destination.Health.Active;
        if (health == DestinationHealth.Unhealthy && current != DestinationHealth.Unhealthy)
        {
            var reason = result.Exception?.Message ?? $"status {(int?)result.Response?.StatusCode}";
            LogDown(logger, cluster.ClusterId, result.Destination.DestinationId, reason);
        }
        else if (health == DestinationHealth.Healthy && current == DestinationHealth.Unhealthy)
        {
            LogUp(logger, cluster.ClusterId, result.Destination.DestinationId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Server {Cluster}/{Server} is DOWN, reason: {Reason}")]
    private static partial void LogDown(ILogger logger, string cluster, string server, string reason);

    [LoggerMessage(LogLevel.Information, "Server {Cluster}/{Server} is UP")]
    private static partial void LogUp(ILogger logger, string cluster, string server);

    /// <summary>Checks in a row with the same outcome.</summary>
    private sealed class Streak
    {
        private bool _passed;
        private int _length;

        public DestinationHealth Add(bool passed, DestinationHealth current, RiseFallOptions options)
        {
            _length = passed == _passed ? Math.Min(_length + 1, int.MaxValue - 1) : 1;
            _passed = passed;
            return current switch
            {
                DestinationHealth.Healthy when !passed && _length >= options.Fall => DestinationHealth.Unhealthy,
                DestinationHealth.Unhealthy when passed && _length >= options.Rise => DestinationHealth.Healthy,
                DestinationHealth.Unknown => passed ? DestinationHealth.Healthy : DestinationHealth.Unhealthy,
                _ => current,
            };
        }
    }
}
