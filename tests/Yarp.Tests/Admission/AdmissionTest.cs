using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Admission;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Admission;

/// <summary>A test of slots and queues: what it waits for, and how it ends.</summary>
public abstract class AdmissionTest : GatewayTest
{
    internal static ClusterAdmission Admission(Gateway gateway) => gateway.Services.GetRequiredService<AdmissionRegistry>().Get(gateway.Cluster);

    internal static Task QueuedAsync(Gateway gateway, string? server, int count)
    {
        var queue = server is null ? Admission(gateway).Queue : Admission(gateway).Of(gateway.Cluster.Destinations[server]).Queue;
        return Eventually.TrueAsync(() => queue.Length == count, $"{count} wait for {server ?? "any server"}");
    }

    internal static Task UnusedAsync(Gateway gateway) =>
        Eventually.TrueAsync(() => gateway.Cluster.Destinations.Values.All(each => Admission(gateway).Of(each).Used == 0), "all slots are given back");

    /// <summary>Lets everything go that is held, until all is answered.</summary>
    internal async Task FinishAsync(IReadOnlyCollection<Task<Answer>> requests)
    {
        var all = Task.WhenAll(requests);
        await Eventually.TrueAsync(
            () =>
            {
                foreach (var upstream in Upstreams)
                {
                    upstream.ReleaseAll();
                }

                return all.IsCompleted;
            },
            "all requests are answered");
        Assert.All(await all, each => Assert.Equal(HttpStatusCode.OK, each.Status));
    }
}
