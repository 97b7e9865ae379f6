using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Yarp.Tests.Membership;

public sealed class ServiceDiscoveryDestinationResolverTests
{
    [Fact]
    public async Task ServiceNames_AreResolved_AndTheIdsStay()
    {
        await using var app = Create(new() { ["services:realtime-1:http:0"] = "http://localhost:5001", ["services:realtime-2:http:0"] = "http://localhost:5002" });

        var resolved = await ResolveAsync(app, new() { ["s1"] = "http://realtime-1/base/", ["s2"] = "http://realtime-2" });

        Assert.Equal("http://localhost:5001/base/", resolved["s1"].Address);
        Assert.Equal("http://localhost:5002/", resolved["s2"].Address);
        Assert.Equal(2, resolved.Count);
    }

    [Fact]
    public async Task NameWithSeveralEndpoints_GivesTheFirstItsId_AndTheOthersNumbers()
    {
        await using var app = Create(new() { ["services:realtime:http:0"] = "http://localhost:5001", ["services:realtime:http:1"] = "http://localhost:5002" });

        var resolved = await ResolveAsync(app, new() { ["s1"] = "http://realtime" });

        Assert.Equal(["s1", "s1-2"], resolved.Keys.Order());
    }

    private static WebApplication Create(Dictionary<string, string?> configuration)
    {
        var builder = WebApplication.CreateSlimBuilder();
        foreach (var (key, value) in configuration)
        {
            builder.Configuration[key] = value;
        }

        builder.Services.AddServiceDiscovery();
        builder.Services.AddReverseProxy().AddServiceDiscoveryDestinations();
        return builder.Build();
    }

    private static async Task<IReadOnlyDictionary<string, DestinationConfig>> ResolveAsync(WebApplication app, Dictionary<string, string> addresses)
    {
        var resolver = app.Services.GetRequiredService<IDestinationResolver>();
        var destinations = addresses.ToDictionary(each => each.Key, each => new DestinationConfig { Address = each.Value });
        var result = await resolver.ResolveDestinationsAsync(destinations, TestContext.Current.CancellationToken);
        return result.Destinations;
    }
}
