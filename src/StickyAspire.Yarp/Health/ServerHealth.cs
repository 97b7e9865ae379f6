using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Health;

/// <summary>
/// Decides whether servers are up, as HAProxy does: down after <c>fall</c> failures in a row, up again after <c>rise</c> successes in a row, and whatever the server says of itself with its answers.
/// A server of which nothing is known yet is used, and its first check decides.
/// </summary>
internal sealed partial class ServerHealth(
    ServerRegistry registry,
    IDestinationHealthUpdater healthUpdater,
    IEnumerable<IServerDownListener> listeners,
    TimeProvider timeProvider,
    ILogger<ServerHealth> logger)
{
    private readonly IServerDownListener[] _listeners = [.. listeners];

    /// <summary>Takes in how a check ended.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="destination">The server.</param>
    /// <param name="result">How the check ended.</param>
    /// <param name="report">What the answer says of the server's state; default where it says nothing.</param>
    /// <param name="own">This gateway's requests in progress there when the check was sent.</param>
    public void Check(ClusterState cluster, DestinationState destination, CheckResult result, StateReport report, int own)
    {
        var options = CheckOptions.Of(cluster.Model.Config, destination.Model?.Config);
        var server = registry.Get(cluster, destination);
        lock (server.Gate)
        {
            server.Checks++;
            server.FailedChecks += !result.Passed && server.Operational != OperationalState.Down ? 1 : 0;
            server.LastCheck = result;
            server.Report(report.WeightPercent, report.MaxConn);
            if (report.Sessions is { } sessions)
            {
                server.ReportLoad(sessions, own, timeProvider.GetUtcNow());
            }

            // "ready" is its owner's word that all is well again; "up" takes back "down" alone, as with HAProxy's agent.
            server.SaysDown = report.IsUp is { } isUp ? !isUp : server.SaysDown && report.Administrative != AdministrativeState.Ready;
            var reason = result.Passed ? "it says so" : $"{result.Reason} {result.Detail}";
            Count(server, result.Passed, options);
            Set(cluster, destination, server, report.Administrative ?? server.Administrative, options, reason);
        }
    }

    /// <summary>Does what <c>on-error</c> says, after too many errors in a row.</summary>
    public void ObserveErrors(ClusterState cluster, DestinationState destination, ObserveOptions observed)
    {
        var options = CheckOptions.Of(cluster.Model.Config, destination.Model?.Config);
        var server = registry.Get(cluster, destination);
        lock (server.Gate)
        {
            if (observed.OnError == ObserveAction.FastInter || server.Operational == OperationalState.Down)
            {
                return;
            }

            // Nothing but a check brings it back. Who observes without checking would lose a server for good.
            if (cluster.Model.Config.HealthCheck?.Active?.Enabled != true)
            {
                return;
            }

            server.Health = observed.OnError switch
            {
                ObserveAction.MarkDown => options.Rise,
                ObserveAction.SuddenDeath => options.Rise + 1,
                _ => server.Operational == OperationalState.Unchecked ? options.Rise + options.Fall - 1 : server.Health,
            };
            if (server.Operational == OperationalState.Unchecked)
            {
                server.SetStates(server.Administrative, OperationalState.Up, timeProvider.GetUtcNow());
            }

            Count(server, passed: false, options);
            Set(cluster, destination, server, server.Administrative, options, $"{observed.ErrorLimit} errors in a row");
        }
    }

    /// <summary>Takes a cluster's servers for unknown again, since nobody checks them any more.</summary>
    public void Forget(ClusterState cluster)
    {
        foreach (var destination in cluster.Destinations.Values)
        {
            var server = registry.Get(cluster, destination);
            lock (server.Gate)
            {
                server.SaysDown = false;
                server.Health = 0;
                server.SetStates(AdministrativeState.Ready, OperationalState.Unchecked, timeProvider.GetUtcNow());
                healthUpdater.SetActive(cluster, [new NewActiveDestinationHealth(destination, DestinationHealth.Unknown)]);
            }
        }
    }

    /// <summary>HAProxy's counter: a success on the way down is as good as new, a failure on the way up begins again.</summary>
    private static void Count(ServerStatus server, bool passed, CheckOptions options)
    {
        var top = options.Rise + options.Fall - 1;
        server.Health = server.Operational switch
        {
            OperationalState.Unchecked => passed ? top : 0,
            OperationalState.Up when passed => top,
            OperationalState.Up => Math.Min(server.Health, top) > options.Rise ? Math.Min(server.Health, top) - 1 : 0,
            _ when !passed => 0,
            _ => server.Health + 1 >= options.Rise ? top : server.Health + 1,
        };
    }

    private void Set(ClusterState cluster, DestinationState destination, ServerStatus server, AdministrativeState administrative, CheckOptions options, string reason)
    {
        var wasUsable = server.IsUsable;
        var before = (server.Administrative, server.Operational);
        var operational = server.Health >= options.Rise && !server.SaysDown ? OperationalState.Up : OperationalState.Down;
        var changed = server.SetStates(administrative, operational, timeProvider.GetUtcNow());
        var health = server.IsUsable ? DestinationHealth.Healthy : DestinationHealth.Unhealthy;
        if (health != destination.Health.Active)
        {
            healthUpdater.SetActive(cluster, [new NewActiveDestinationHealth(destination, health)]);
        }

        if (changed)
        {
            Log(server, before, reason);
            if (wasUsable && !server.IsUsable && options.OnMarkedDown == MarkedDownAction.ShutdownSessions)
            {
                Shutdown(cluster, destination);
            }
            else if (!wasUsable && server.IsUsable && !server.IsBackup && options.OnMarkedUp == MarkedUpAction.ShutdownBackupSessions)
            {
                foreach (var backup in cluster.DestinationsState.AllDestinations.Where(each => registry.Get(cluster, each).IsBackup))
                {
                    Shutdown(cluster, backup);
                }
            }
        }
    }

    private void Shutdown(ClusterState cluster, DestinationState destination)
    {
        foreach (var listener in _listeners)
        {
            listener.ShutdownSessions(cluster, destination);
        }
    }

    /// <summary>One line for each change, as HAProxy has it.</summary>
    private void Log(ServerStatus server, (AdministrativeState Administrative, OperationalState Operational) before, string reason)
    {
        if (before.Operational != server.Operational)
        {
            if (server.Operational == OperationalState.Down)
            {
                LogDown(logger, server.ClusterId, server.ServerId, reason);
            }
            else if (before.Operational == OperationalState.Down)
            {
                LogUp(logger, server.ClusterId, server.ServerId);
            }
        }

        if (before.Administrative != server.Administrative)
        {
            LogAdministrative(logger, server.ClusterId, server.ServerId, server.Administrative);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Server {Cluster}/{Server} is DOWN, reason: {Reason}")]
    private static partial void LogDown(ILogger logger, string cluster, string server, string reason);

    [LoggerMessage(LogLevel.Information, "Server {Cluster}/{Server} is UP")]
    private static partial void LogUp(ILogger logger, string cluster, string server);

    [LoggerMessage(LogLevel.Information, "Server {Cluster}/{Server} says of itself: {State}")]
    private static partial void LogAdministrative(ILogger logger, string cluster, string server, AdministrativeState state);
}
