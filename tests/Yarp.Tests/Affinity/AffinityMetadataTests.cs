using StickyAspire.Yarp.Admission;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Routing;
using Yarp.ReverseProxy.Configuration;

namespace Yarp.Tests.Affinity;

/// <summary>Mistakes in metadata are told with the key, the value and what is allowed.</summary>
public sealed class AffinityMetadataTests
{
    [Theory]
    [InlineData("Cookie.Mode", "Isnert", "Insert, Rewrite, Prefix")]
    [InlineData("Cookie.MaxIdle", "1s", "a time from 4s to 3650d, such as 500ms, 2s, 1m or 00:00:02")]
    [InlineData("Cookie.Dynamic", "true", "true only with a Cookie.DynamicKey")]
    [InlineData("Cookie.Atr", "x", "no such key, but Cookie.Attr, Cookie.Dynamic, Cookie.DynamicKey, Cookie.Indirect, Cookie.MaxIdle, Cookie.MaxLife, Cookie.Mode, Cookie.NoCache, Cookie.PostOnly, Cookie.Preserve")]
    [InlineData("Persist.OnFailure", "503", "Redispatch, Status503, Wait")]
    [InlineData("Persist.Force", "/admin", RequestCondition.Allowed)]
    [InlineData("Persist.Ignore", "Path:static", RequestCondition.Allowed)]
    [InlineData("Stick.On", "Source:x", "AppCookie:name, Header:name, Query:name or Source")]
    [InlineData("Stick.On", "Header:", "AppCookie:name, Header:name, Query:name or Source")]
    [InlineData("Stick.On", "1", "AppCookie:name, Header:name, Query:name or Source")]
    [InlineData("Stick.Table.Size", "0", "a number of entries from 1 to 10000000, such as 5000, 200k or 1m")]
    [InlineData("Stick.Table.Size", "99m", "a number of entries from 1 to 10000000, such as 5000, 200k or 1m")]
    [InlineData("Admission.MaxConn", "-1", "a whole number from 0 to 1000000")]
    [InlineData("Queue.Timeout", "5", "a time from 1ms to 1h, such as 500ms, 2s, 1m or 00:00:02")]
    public async Task Mistake_IsNamed(string key, string value, string allowed)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync(new() { [key] = value }));

        Assert.Equal($"Cluster 'c': Metadata {key} is \"{value}\": allowed is {allowed}.", exception.Message);
    }

    [Theory]
    [InlineData("Cookie.MaxIdle", "30m")]
    [InlineData("Cookie.PostOnly", "true")]
    public async Task Keyword_OfInsertModeOnly_IsRefusedInOthers(string key, string value)
    {
        await CheckAsync(new() { [key] = value });

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync(new() { [key] = value, ["Cookie.Mode"] = "Prefix" }));
        Assert.Contains($"{key} is \"{value}\": allowed is none but with Cookie.Mode Insert", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerId_ThatIsNoCookieValue_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync([], "a;b"));

        Assert.Contains("destination 'a;b'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "Persist")]
    [InlineData("Redistribute", "Persist")]
    [InlineData("Return503Error", "Return503Error")]
    public async Task FailurePolicy_OfYarpsDefault_IsOurs(string? configured, string expected)
    {
        var cluster = new ClusterConfig { ClusterId = "c", SessionAffinity = new SessionAffinityConfig { Enabled = true, Policy = "ServerId", AffinityKeyName = "S", FailurePolicy = configured } };

        Assert.Equal(expected, (await new PersistConfigFilter().ConfigureClusterAsync(cluster, TestContext.Current.CancellationToken)).SessionAffinity!.FailurePolicy);
    }

    private static async Task CheckAsync(Dictionary<string, string> metadata, string destination = "s1")
    {
        var filter = new StickySessionsConfigFilter(
            [new ServerCookieOptionsCheck(), new PersistOptionsCheck(), new StickOptionsCheck(), new AdmissionOptionsCheck(new StickyPipeline { IsUsed = true })]);
        await filter.ConfigureClusterAsync(
            new ClusterConfig
            {
                ClusterId = "c",
                SessionAffinity = new SessionAffinityConfig { Enabled = true, Policy = "ServerId", AffinityKeyName = "S" },
                Metadata = metadata,
                Destinations = new Dictionary<string, DestinationConfig> { [destination] = new() { Address = "http://127.0.0.1" } },
            },
            TestContext.Current.CancellationToken);
    }
}
