using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Bench.Bare;

/// <summary>YARP with a cookie and nothing else.</summary>
internal static class BareGateway
{
    public static WebApplication Create(string port, string[] servers)
    {
        var builder = BareHost.CreateBuilder(port);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "servers", Match = new RouteMatch { Path = "/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "servers",
                    SessionAffinity = new SessionAffinityConfig { Enabled = true, Policy = "ArrCookie", AffinityKeyName = "SERVERID" },
                    Destinations = servers.Select((address, index) => (Name: $"s{index + 1}", address)).ToDictionary(each => each.Name, each => new DestinationConfig { Address = each.address }),
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }
}
