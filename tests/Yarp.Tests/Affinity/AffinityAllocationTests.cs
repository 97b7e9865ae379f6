using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.SessionAffinity;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Affinity;

/// <summary>A request of a session that is known costs affinity no memory.</summary>
public sealed class AffinityAllocationTests : GatewayTest
{
    [Theory]
    [InlineData("ServerId", "SERVERID=s2", "")]
    [InlineData("ServerId", "a=1; SERVERID=s2", "", "Cookie.Mode=Prefix")]
    [InlineData("ServerId", "a=1; SERVERID=s2", "?EIO=4&transport=polling&sid=s2.abc")]
    [InlineData("Stick", "SERVERID=abc", "", "Stick.Method=Hash")]
    [InlineData("Stick", "SERVERID=abc", "", "Stick.On=Source")]
    public async Task KnownSession_AllocatesNothing(string policyName, string cookie, string query, params string[] metadata)
    {
        var settings = ClusterSettings.With(metadata);
        var gateway = await StartAsync(settings with { Affinity = settings.Affinity! with { Policy = policyName } });
        var policy = gateway.Services.GetServices<ISessionAffinityPolicy>().Single(each => each.Name == policyName);
        var cluster = gateway.Cluster;
        var config = cluster.Model.Config.SessionAffinity!;
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = cookie;
        context.Request.QueryString = new QueryString(query.Length == 0 ? null : query);
        context.Connection.RemoteIpAddress = IPAddress.Loopback;

        AffinityStatus? Run()
        {
#pragma warning disable CA2012 // Both calls end at once, and a test of allocations must not await.
            var found = policy.FindAffinitizedDestinationsAsync(context, cluster, config, cluster.DestinationsState.AvailableDestinations, CancellationToken.None);
            if (!found.IsCompletedSuccessfully)
            {
                return null;
            }

            var result = found.Result;
            return policy.AffinitizeResponseAsync(context, cluster, config, result.Destinations![0], CancellationToken.None).IsCompletedSuccessfully ? result.Status : null;
#pragma warning restore CA2012
        }

        Assert.Equal(AffinityStatus.OK, Run());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, context.Response.Headers.SetCookie.Count);
    }
}
