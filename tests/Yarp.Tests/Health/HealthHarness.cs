using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Health;

/// <summary>Health's decisions without checks: a test says how each ended.</summary>
internal sealed class HealthHarness : IDestinationHealthUpdater, IServerDownListener
{
    private readonly RiseFallHealthPolicy _policy;

    public HealthHarness(params (string Key, string Value)[] metadata)
    {
        Registry = new ServerRegistry(Time);
        Health = new ServerHealth(Registry, this, [this], Time, NullLogger<ServerHealth>.Instance);
        _policy = new RiseFallHealthPolicy(Health, Registry, Time);
        var config = new ClusterConfig
        {
            ClusterId = "c",
            Metadata = metadata.ToDictionary(each => each.Key, each => each.Value),
            HealthCheck = new HealthCheckConfig { Active = new ActiveHealthCheckConfig { Enabled = true, Policy = "RiseFall" } },
        };
        Cluster = new ClusterState("c", new ClusterModel(config, new HttpMessageInvoker(new SocketsHttpHandler())));
        Server = new DestinationState("s1");
        Backup = new DestinationState("s2");
        Cluster.DestinationsState = new ClusterDestinationsState([Server, Backup], [Server, Backup]);
        Registry.Get(Cluster, Backup).Configure(ServerOptions.Default with { IsBackup = true });
    }

    public FakeTimeProvider Time { get; } = new();

    public ServerRegistry Registry { get; }

    public ServerHealth Health { get; }

    public ClusterState Cluster { get; }

    public DestinationState Server { get; }

    public DestinationState Backup { get; }

    public ServerStatus Status => Registry.Get(Cluster, Server);

    public List<string> Shutdowns { get; } = [];

    /// <summary>Ends a check with that answer, and says what the server is now: U, D, or for a state of its owner's lower-case d (drain), m (maint).</summary>
    public char Check(bool passes, string? state = null)
    {
        using var response = new HttpResponseMessage(passes ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        if (state is not null)
        {
            response.Headers.Add(StateReport.HeaderName, state);
        }

        _policy.ProbingCompleted(Cluster, [new DestinationProbingResult(Server, response, null)]);
        return State;
    }

    public char State => Status.Administrative switch
    {
        AdministrativeState.Drain => 'd',
        AdministrativeState.Maint => 'm',
        _ => Status.Operational == OperationalState.Up ? 'U' : 'D',
    };

    public void SetActive(ClusterState cluster, IEnumerable<NewActiveDestinationHealth> newHealthStates)
    {
        foreach (var each in newHealthStates)
        {
            each.Destination.Health.Active = each.NewActiveHealth;
        }
    }

    public void SetPassive(ClusterState cluster, DestinationState destination, DestinationHealth newHealth, TimeSpan reactivationPeriod) => destination.Health.Passive = newHealth;

    public void ShutdownSessions(ClusterState cluster, DestinationState destination) => Shutdowns.Add(destination.DestinationId);
}
