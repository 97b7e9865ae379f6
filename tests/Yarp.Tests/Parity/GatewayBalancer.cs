using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Model;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>Our gateway.</summary>
internal sealed class GatewayBalancer(Gateway gateway) : IBalancer
{
    public string Name => "stickyaspire";

    public int Port => gateway.Port;

    public Client Client => gateway.Client;

    public Task WaitForAsync(string serverId, bool isUp)
    {
        var registry = gateway.Services.GetRequiredService<ServerRegistry>();
        bool IsUp(string id) => registry.Get(gateway.Cluster, gateway.Cluster.Destinations[id]).Operational == OperationalState.Up;
        bool IsAvailable() => gateway.Cluster.DestinationsState.AvailableDestinations.Any(each => each.DestinationId == serverId);

        // With all of them down, YARP's default policy lists them all again.
        return Eventually.TrueAsync(
            () => IsUp(serverId) == isUp && (IsAvailable() == isUp || !gateway.Cluster.Destinations.Keys.Any(IsUp)),
            $"for the gateway {serverId} is {(isUp ? "up" : "down")}");
    }

    public Task<int> QueuedAsync(string? serverId)
    {
        var admission = gateway.Services.GetRequiredService<AdmissionRegistry>().Get(gateway.Cluster);
        return Task.FromResult((serverId is null ? admission.Queue : admission.Of(gateway.Cluster.Destinations[serverId]).Queue).Length);
    }

    public ValueTask DisposeAsync() => gateway.DisposeAsync();
}
