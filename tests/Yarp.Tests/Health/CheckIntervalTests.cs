using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.Health;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Health;

/// <summary>HAProxy's <c>inter</c>, <c>fastinter</c>, <c>downinter</c>, in a whole YARP on a clock that a test moves.</summary>
public sealed class CheckIntervalTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeServers _servers;
    private readonly InMemoryConfigProvider _config = new([], []);
    private readonly Applied _applied = new();
    private readonly WebApplication _app;

    public CheckIntervalTests()
    {
        _servers = new FakeServers(_time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddSingleton<IProxyConfigProvider>(_config);
        builder.Services.AddReverseProxy().AddStickySessions();
        builder.Services.AddSingleton<IActiveHealthCheckPolicy>(_servers);
        builder.Services.AddSingleton<IConfigChangeListener>(_applied);
        builder.Services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory>(_servers));
        _app = builder.Build();
    }

    private ServerCheckMonitor Monitor => _app.Services.GetRequiredService<ServerCheckMonitor>();

    [Fact]
    public async Task Inter_IsTheTimeBetweenTwoChecksOfAServerThatIsUp()
    {
        await StartAsync(Cluster(["s1"]));

        Assert.Equal([0, 10, 20, 30], Checks("s1", 35));
    }

    [Fact]
    public async Task Fastinter_WhileItIsOnItsWayDown_Downinter_WhileItIsDown_FastinterOnItsWayUp()
    {
        await StartAsync(Cluster(["s1"]));
        _servers.Failing.Add("s1");

        // Up: 10 s. Three failures, two of them with 2 s to the next: down. Then 30 s.
        Assert.Equal([0, 10, 12, 14, 44], Checks("s1", 50));

        // Two successes, 2 s between them: up, and 10 s again.
        _servers.Failing.Clear();
        Assert.Equal([0, 10, 12, 14, 44, 74, 76, 86], Checks("s1", 40));
        Assert.Equal(OperationalState.Up, Status("s1").Operational);
    }

    [Fact]
    public async Task Inter_OfADestination_IsItsOwn()
    {
        await StartAsync(Cluster(["s1", "s2"], ("s2", "Check.Inter", "3s")));

        Assert.Equal([0, 10, 20], Checks("s1", 25));
        Assert.Equal(9, Checks("s2", 0).Count);
    }

    [Fact]
    public async Task Inter_Unset_IsYarpsInterval()
    {
        await StartAsync(Cluster(["s1"], ("", "Check.Inter", "")));

        Assert.Equal([0, 7, 14], Checks("s1", 20));
    }

    [Fact]
    public async Task Inter_ThatAReloadShortens_CountsAtOnce_AndLeavesTheOthersRhythmAlone()
    {
        await StartAsync(Cluster(["s1", "s2"]));
        Checks("s1", 4);

        await ReloadAsync(Cluster(["s1", "s2", "s3"], ("s1", "Check.Inter", "1s")));

        Assert.Equal([0, 5, 6, 7, 8], Checks("s1", 4));
        Assert.Equal([0, 10], Checks("s2", 8));
        Assert.Equal(4, Checks("s3", 0)[0]);
    }

    [Fact]
    public async Task Server_ThatIsGone_IsNotCheckedAnyMore()
    {
        await StartAsync(Cluster(["s1", "s2"]));
        Checks("s1", 5);

        await ReloadAsync(Cluster(["s1"]));
        Assert.Equal([0, 10, 20], Checks("s1", 20));
        Assert.Single(Checks("s2", 0));

        await ReloadAsync();
        Assert.Equal(3, Checks("s1", 60).Count);
    }

    [Fact]
    public async Task Server_ThatComesBack_BeginsAnew()
    {
        await StartAsync(Cluster(["s1", "s2"]));
        _servers.Failing.Add("s2");
        Checks("s2", 20);
        Assert.Equal(OperationalState.Down, Status("s2").Operational);

        await ReloadAsync(Cluster(["s1"]));
        _servers.Failing.Clear();
        await ReloadAsync(Cluster(["s1", "s2"]));
        Checks("s2", 1);

        Assert.Equal((OperationalState.Up, 0), (Status("s2").Operational, Status("s2").Downs));
    }

    [Fact]
    public async Task State_OutlivesAReload()
    {
        await StartAsync(Cluster(["s1", "s2"]));
        _servers.Failing.Add("s2");
        Checks("s2", 20);
        var since = Status("s2").Since;

        await ReloadAsync(Cluster(["s1", "s2"], ("s2", "Server.Weight", "7")));

        Assert.Equal((OperationalState.Down, since, 7), (Status("s2").Operational, Status("s2").Since, Status("s2").Weight));
        Assert.Equal(["s1"], State.DestinationsState.AvailableDestinations.Select(each => each.DestinationId));
    }

    [Fact]
    public async Task Checks_SwitchedOff_LeaveTheServerUnknown()
    {
        _servers.Failing.Add("s1");
        await StartAsync(Cluster(["s1"]));
        Checks("s1", 1);
        Assert.Equal(OperationalState.Down, Status("s1").Operational);

        await ReloadAsync(Cluster(["s1"], enabled: false));

        Assert.Equal(OperationalState.Unchecked, Status("s1").Operational);
        Assert.Single(State.DestinationsState.AvailableDestinations);
        Assert.Single(Checks("s1", 60));
    }

    [Fact]
    public async Task Fastinter_WhenTrafficGivesCauseForDoubt()
    {
        await StartAsync(Cluster(["s1"]));
        Checks("s1", 5);

        Monitor.Hurry(State, State.Destinations["s1"]);

        Assert.Equal([0, 7, 17], Checks("s1", 15));
    }

    [Fact]
    public async Task SpreadChecks_VariesTheInterval_ByNoMoreThanItSays()
    {
        await StartAsync(Cluster(["s1"], ("", "Check.Spread", "50")));

        var checks = Checks("s1", 1_000);

        var gaps = checks.Zip(checks.Skip(1), (one, other) => other - one).ToList();
        Assert.All(gaps, gap => Assert.InRange(gap, 4, 16));
        Assert.True(gaps.Distinct().Count() > 3);
    }

    [Fact]
    public async Task OtherPolicies_GetAllResultsTogether()
    {
        await StartAsync(Cluster(["s1", "s2"], policy: "Fake"));
        Checks("s1", 15);

        Assert.Equal(["s1 s2", "s1 s2", "s1 s2"], _servers.Batches);
    }

    [Fact]
    public async Task Timeout_CountsAsAFailure()
    {
        _servers.Hanging.Add("s1");
        await StartAsync(Cluster(["s1"]));
        Checks("s1", 2);

        Assert.Equal((OperationalState.Down, "L7TOUT"), (Status("s1").Operational, Status("s1").LastCheck!.Reason));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private ClusterState State => _app.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("c", out var cluster) ? cluster : throw new InvalidOperationException();

    private ServerStatus Status(string server) => _app.Services.GetRequiredService<ServerRegistry>().Get("c", server);

    private async Task StartAsync(ClusterConfig cluster)
    {
        _config.Update([], [cluster]);
        _app.MapReverseProxy();
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    private async Task ReloadAsync(params ClusterConfig[] clusters)
    {
        _applied.Next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _config.Update([new RouteConfig { RouteId = $"r{Guid.NewGuid():N}", ClusterId = "c", Match = new RouteMatch { Path = "/" } }], clusters);
        await _applied.Next.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>Lets seconds pass, and says at which of all seconds so far the server was checked.</summary>
    private List<int> Checks(string server, int seconds)
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        return [.. _servers.Checks.Where(check => check.Server == server).Select(check => (int)(check.At - _time.Start).TotalSeconds)];
    }

    private static ClusterConfig Cluster(string[] servers, (string Server, string Key, string Value)? extra = null, bool enabled = true, string policy = "RiseFall")
    {
        var metadata = new Dictionary<string, string>
        {
            ["Check.Inter"] = "10s",
            ["Check.FastInter"] = "2s",
            ["Check.DownInter"] = "30s",
            ["Check.Rise"] = "2",
            ["Check.Fall"] = "3",
            ["Check.Spread"] = "0",
        };
        var (owner, key, value) = extra ?? ("nobody", "", "");
        if (owner.Length == 0 && value.Length == 0)
        {
            metadata.Remove(key);
            metadata.Remove("Check.FastInter");
        }
        else if (owner.Length == 0)
        {
            metadata[key] = value;
        }

        return new ClusterConfig
        {
            ClusterId = "c",
            Metadata = metadata,
            Destinations = servers.ToDictionary(
                server => server,
                server => new DestinationConfig { Address = $"http://{server}", Metadata = server == owner ? new Dictionary<string, string> { [key] = value } : null }),
            HealthCheck = new HealthCheckConfig
            {
                Active = new ActiveHealthCheckConfig { Enabled = enabled, Policy = policy, Path = "/alive", Interval = TimeSpan.FromSeconds(7), Timeout = TimeSpan.FromSeconds(1) },
            },
        };
    }

    /// <summary>Tells when a reload is done.</summary>
    private sealed class Applied : IConfigChangeListener
    {
        public TaskCompletionSource Next { get; set; } = new();

        public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => Next.TrySetException(exception);

        public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
        {
        }

        public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Next.TrySetException(exception);

        public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => Next.TrySetResult();
    }

    /// <summary>Answers checks, and is a policy of somebody else's.</summary>
    private sealed class FakeServers(FakeTimeProvider time) : HttpMessageHandler, IForwarderHttpClientFactory, IActiveHealthCheckPolicy
    {
        public List<(string Server, DateTimeOffset At)> Checks { get; } = [];

        public HashSet<string> Failing { get; } = [];

        public HashSet<string> Hanging { get; } = [];

        public List<string> Batches { get; } = [];

        public string Name => "Fake";

        public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) => new(this);

        public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults) =>
            Batches.Add(string.Join(' ', probingResults.Select(each => each.Destination.DestinationId).Order(StringComparer.Ordinal)));

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var server = request.RequestUri!.Host;
            Checks.Add((server, time.GetUtcNow()));
            if (Hanging.Contains(server))
            {
                var never = new TaskCompletionSource<HttpResponseMessage>();
                cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
                return never.Task;
            }

            return Task.FromResult(new HttpResponseMessage(Failing.Contains(server) ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        }
    }
}
