using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Routing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;

namespace Yarp.Tests.Configuration;

/// <summary>The schema for editors knows what the checks know, no more and no less.</summary>
public sealed class SchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == "RepositoryRoot").Value!,
        "src/StickyAspire.Yarp/schema/sticky-sessions.schema.json"))).RootElement;

    [Fact]
    public void EveryKeyOfTheChecks_IsInTheSchema_AndViceVersa()
    {
        var cluster = new MetadataReader(null, "");
        var destination = new MetadataReader(null, "");
        foreach (var check in Services().GetServices<IClusterOptionsCheck>())
        {
            check.CheckCluster(new ClusterConfig(), cluster);
            check.CheckDestination("s1", new DestinationConfig(), destination);
        }

        Assert.Equal(cluster.Known.Order(StringComparer.Ordinal), Properties("clusterMetadata").Keys.Order(StringComparer.Ordinal));
        Assert.Equal(destination.Known.Order(StringComparer.Ordinal), Properties("destinationMetadata").Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Choices and defaults that the schema offers are read without an error; so neither can be a value of yesterday.</summary>
    [Theory]
    [InlineData("clusterMetadata")]
    [InlineData("destinationMetadata")]
    public void EveryValueThatTheSchemaOffers_IsRead(string definition)
    {
        // Where one key needs another.
        var others = new Dictionary<string, string> { ["Cookie.DynamicKey"] = "key" };
        foreach (var (key, property) in Properties(definition))
        {
            Assert.False(string.IsNullOrWhiteSpace(property.GetProperty("description").GetString()), $"{key} has no description.");
            var offered = new List<string>();
            if (property.TryGetProperty("enum", out var choices))
            {
                offered.AddRange(choices.EnumerateArray().Select(each => each.ToString()));
            }

            if (property.TryGetProperty("default", out var fallback))
            {
                offered.Add(fallback.GetString()!);
                Assert.True(!property.TryGetProperty("pattern", out var pattern) || Regex.IsMatch(fallback.GetString()!, pattern.GetString()!), $"The default of {key} is none.");
            }

            foreach (var value in offered)
            {
                var metadata = new Dictionary<string, string>(definition == "clusterMetadata" ? others : []) { [key] = value };
                var reader = new MetadataReader(metadata, "");
                foreach (var check in Services().GetServices<IClusterOptionsCheck>())
                {
                    if (definition == "clusterMetadata")
                    {
                        check.CheckCluster(new ClusterConfig { Metadata = metadata }, reader);
                    }
                    else
                    {
                        check.CheckDestination("s1", new DestinationConfig { Metadata = metadata }, reader);
                    }
                }

                Assert.Empty(reader.Errors);
            }
        }
    }

    [Fact]
    public void EveryPolicyOfOurs_IsOffered()
    {
        var offered = Schema.GetProperty("definitions").GetProperty("cluster").GetProperty("properties").GetProperty("LoadBalancingPolicy")
            .GetProperty("anyOf")[0].GetProperty("enum").EnumerateArray().Select(each => each.GetString()!);

        Assert.Equal(
            Services().GetServices<ILoadBalancingPolicy>().Where(each => each.GetType().Namespace!.StartsWith("StickyAspire", StringComparison.Ordinal)).Select(each => each.Name).Order(StringComparer.Ordinal),
            offered.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, JsonElement> Properties(string definition) =>
        Schema.GetProperty("definitions").GetProperty(definition).GetProperty("properties").EnumerateObject().ToDictionary(each => each.Name, each => each.Value);

    private static ServiceProvider Services()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().LoadFromMemory([], []).AddStickySessions();
        var provider = services.BuildServiceProvider();
        provider.GetRequiredService<StickyPipeline>().IsUsed = true;
        return provider;
    }
}
