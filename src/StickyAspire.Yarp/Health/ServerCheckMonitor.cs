using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Health;

/// <summary>
/// Sends active checks in place of YARP's own monitor, which has one interval for a whole cluster. Servers of clusters with the policy <c>RiseFall</c> have each their own, by their state:
/// <c>inter</c>, <c>fastinter</c>, <c>downinter</c>. Other policies get what YARP would give them: all servers' results together, once an interval.
/// </summary>
internal sealed partial class ServerCheckMonitor(
    IEnumerable<IActiveHealthCheckPolicy> policies,
    IProbingRequestFactory requestFactory,
    ServerHealth health,
    ServerRegistry registry,
    IOptions<ActiveHealthCheckMonitorOptions> options,
    TimeProvider timeProvider,
    ILogger<ServerCheckMonitor> logger) : IActiveHealthCheckMonitor, IClusterChangeListener, IDisposable
{
    /// <summary>First checks are spread over at most this time, so that the state of every server is soon known.</summary>
    private static readonly TimeSpan MaxFirstSpread = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, IActiveHealthCheckPolicy> _policies = policies.ToDictionary(each => each.Name, StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<ClusterState, Dictionary<object, CheckLoop>> _clusters = [];
    private readonly Lock _gate = new();
    private bool _isStarted;
    private bool _isDisposed;

    public bool InitialProbeCompleted { get; private set; }

    public async Task CheckHealthAsync(IEnumerable<ClusterState> clusters)
    {
        List<Task> first = [];
        lock (_gate)
        {
            _isStarted = true;
            foreach (var cluster in clusters)
            {
                Reconcile(cluster);
                first.AddRange(_clusters.TryGetValue(cluster, out var loops) ? loops.Values.Select(loop => loop.First) : []);
            }
        }

        await Task.WhenAll(first);
        InitialProbeCompleted = true;
    }

    public void OnClusterAdded(ClusterState cluster) => OnClusterChanged(cluster);

    public void OnClusterChanged(ClusterState cluster)
    {
        lock (_gate)
        {
            if (_isStarted)
            {
                Reconcile(cluster);
            }
        }
    }

    public void OnClusterRemoved(ClusterState cluster)
    {
        lock (_gate)
        {
            Stop(cluster);
        }
    }

    /// <summary>Sees to it that a server is checked within its <c>fastinter</c>, since its traffic gives cause for doubt.</summary>
    public void Hurry(ClusterState cluster, DestinationState destination)
    {
        lock (_gate)
        {
            if (_clusters.TryGetValue(cluster, out var loops) && loops.TryGetValue(destination, out var loop))
            {
                loop.Within(CheckOptions.Of(cluster.Model.Config, destination.Model.Config).FastInter);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var cluster in _clusters.Keys)
            {
                Stop(cluster);
            }
        }
    }

    private static bool IsOurs(ClusterState cluster) =>
        RiseFallHealthPolicy.PolicyName.Equals(cluster.Model.Config.HealthCheck?.Active?.Policy, StringComparison.OrdinalIgnoreCase);

    /// <summary>Begins with servers that are new, ends with those that are gone, and leaves the others' rhythm alone unless theirs is to be quicker now.</summary>
    private void Reconcile(ClusterState cluster)
    {
        if (_isDisposed || cluster.Model.Config.HealthCheck?.Active?.Enabled != true)
        {
            if (Stop(cluster))
            {
                health.Forget(cluster);
            }

            return;
        }

        var loops = _clusters.GetOrAdd(cluster, static _ => []);
        object[] wanted = IsOurs(cluster) ? [.. cluster.Destinations.Values] : [cluster];
        foreach (var gone in loops.Keys.Except(wanted).ToList())
        {
            loops[gone].Dispose();
            loops.Remove(gone);
        }

        for (var i = 0; i < wanted.Length; i++)
        {
            if (loops.TryGetValue(wanted[i], out var loop))
            {
                loop.Within(GetInterval(cluster, wanted[i] as DestinationState));
                continue;
            }

            loop = Create(cluster, wanted[i] as DestinationState);
            loops.Add(wanted[i], loop);
            loop.Within(MaxFirstSpread * i / wanted.Length);
        }
    }

    private bool Stop(ClusterState cluster)
    {
        if (!_clusters.TryRemove(cluster, out var loops))
        {
            return false;
        }

        foreach (var loop in loops.Values)
        {
            loop.Dispose();
        }

        return true;
    }

    private CheckLoop Create(ClusterState cluster, DestinationState? destination) => new(
        stopped => CheckAsync(cluster, destination is null ? cluster.DestinationsState.AllDestinations : destination, stopped),
        () => GetInterval(cluster, destination),
        timeProvider);

    private TimeSpan GetInterval(ClusterState cluster, DestinationState? destination)
    {
        if (destination is null)
        {
            return cluster.Model.Config.HealthCheck?.Active?.Interval ?? options.Value.DefaultInterval;
        }

        var check = CheckOptions.Of(cluster.Model.Config, destination.Model.Config);
        var server = registry.Get(cluster, destination);
        var interval = server.Operational switch
        {
            OperationalState.Up when server.Health >= check.Rise + check.Fall - 1 => check.Inter,
            OperationalState.Down when server.Health == 0 => check.DownInter,
            OperationalState.Down when server.SaysDown => check.DownInter,
            _ => check.FastInter,
        };
        return interval * (1 + (check.Spread / 100.0 * ((2 * Random.Shared.NextDouble()) - 1)));
    }

    private async Task CheckAsync(ClusterState cluster, IReadOnlyList<DestinationState> destinations, CancellationToken stopped)
    {
        try
        {
            var results = await Task.WhenAll(destinations.Select(each => ProbeAsync(cluster, each, stopped)));
            try
            {
                if (!stopped.IsCancellationRequested)
                {
                    GetPolicy(cluster).ProbingCompleted(cluster, results);
                }
            }
            finally
            {
                foreach (var result in results)
                {
                    result.Response?.Dispose();
                }
            }
        }
        catch (Exception exception)
        {
            // A policy's mistake must not end the checks.
            LogFailed(logger, cluster.ClusterId, exception);
        }
    }

    private IActiveHealthCheckPolicy GetPolicy(ClusterState cluster) =>
        _policies[cluster.Model.Config.HealthCheck?.Active?.Policy is { Length: > 0 } name ? name : HealthCheckConstants.ActivePolicy.ConsecutiveFailures];

    private async Task<DestinationProbingResult> ProbeAsync(ClusterState cluster, DestinationState destination, CancellationToken stopped)
    {
        try
        {
            using var request = requestFactory.CreateRequest(cluster.Model, destination.Model);
            using var timeout = new CancellationTokenSource(cluster.Model.Config.HealthCheck?.Active?.Timeout ?? options.Value.DefaultTimeout, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopped);
            var server = registry.Get(cluster, destination);
            server.CheckSent = (timeProvider.GetTimestamp(), server.GetLoad(destination));
            return new DestinationProbingResult(destination, await cluster.Model.HttpClient.SendAsync(request, either.Token), null);
        }
        catch (Exception exception)
        {
            return new DestinationProbingResult(destination, null, exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "Checking cluster {Cluster} failed")]
    private static partial void LogFailed(ILogger logger, string cluster, Exception exception);
}
