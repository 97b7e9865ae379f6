using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StickyAspire.Replica;

namespace Replica.Tests.Lifecycle;

/// <summary>What a replica says of itself, and who may change it.</summary>
public sealed class LifecycleTests : IAsyncDisposable
{
    private const string Key = "a key of some length";

    private readonly TaskCompletionSource _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Connection _connection = new();
    private WebApplication? _app;

    [Fact]
    public async Task Check_ReportsStateAndLoad_AndIsNoLoadItself()
    {
        var client = await StartAsync(services => services.AddSingleton<ILoadSource>(new Source(40)).AddSingleton<ILoadSource>(new Source(2)));

        Assert.Equal("ready; sessions=42", await CheckAsync(client));
        Assert.Equal("ready; sessions=42", await CheckAsync(client));
    }

    [Fact]
    public async Task Check_CountsRequestsInProgress_ButThoseThatASourceCounts()
    {
        var client = await StartAsync();
        var one = client.GetAsync(new Uri("/hold", UriKind.Relative), TestContext.Current.CancellationToken);
        var other = client.GetAsync(new Uri("/hold", UriKind.Relative), TestContext.Current.CancellationToken);
        var own = client.GetAsync(new Uri("/own", UriKind.Relative), TestContext.Current.CancellationToken);
        await ReportsAsync(client, "ready; sessions=2");

        _hold.SetResult();
        await Task.WhenAll(one, other, own);

        await ReportsAsync(client, "ready; sessions=0");
    }

    [Fact]
    public async Task Check_CountsAnUpgradedConnection_UntilItEnds_ThoughItsRequestHasEnded()
    {
        var client = await StartAsync();
        using var upgraded = await client.GetAsync(new Uri("/upgrade", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, upgraded.StatusCode);
        await ReportsAsync(client, "ready; sessions=1");

        await _connection.EndAsync();

        await ReportsAsync(client, "ready; sessions=0");
    }

    [Fact]
    public async Task Check_ReportsTheLimitThatIsConfigured_AtTheConfiguredPath()
    {
        var client = await StartAsync(null, ("Replica:MaxConn", "1024"), ("Replica:CheckPath", "/hello"));

        Assert.Equal("ready; sessions=0; maxconn=1024", await CheckAsync(client, "/hello"));
        Assert.Null(await CheckAsync(client));
    }

    [Theory]
    [InlineData("drain", ReplicaState.Drain)]
    [InlineData("maint", ReplicaState.Maint)]
    public async Task Admin_ChangesTheState_AndReadyTakesItBack(string word, ReplicaState state)
    {
        var client = await StartAsync(null, ("Sticky:AdminKey", Key));
        var lifecycle = _app!.Services.GetRequiredService<ReplicaLifecycle>();
        var seen = new List<ReplicaState>();
        lifecycle.StateChanged += seen.Add;

        Assert.Equal((HttpStatusCode.OK, $"{word}; sessions=1"), await PostAsync(client, word, Key));
        Assert.Equal(state, lifecycle.State);
        await ReportsAsync(client, $"{word}; sessions=0");
        await PostAsync(client, word, Key);

        await ReportsAsync(client, $"{word}; sessions=0");
        Assert.Equal((HttpStatusCode.OK, "ready; sessions=1"), await PostAsync(client, "ready", Key));
        Assert.Equal([state, ReplicaState.Ready], seen);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a key of some lengtH")]
    [InlineData("a key of some length ")]
    public async Task Admin_WithoutTheKey_IsRefused(string? given)
    {
        var client = await StartAsync(null, ("Sticky:AdminKey", Key));

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(client, "drain", given)).Status);
        await ReportsAsync(client, "ready; sessions=0");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Admin_WithoutAnyKeyConfigured_IsClosed(string? configured)
    {
        var client = await StartAsync(null, ("Sticky:AdminKey", configured));

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(client, "drain", "")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(client, "drain", Key)).Status);
        await ReportsAsync(client, "ready; sessions=0");
    }

    [Fact]
    public async Task Admin_OfAnUnknownState_OrByGet_DoesNothing()
    {
        var client = await StartAsync(null, ("Sticky:AdminKey", Key));

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(client, "explode", Key)).Status);
        using var response = await client.GetAsync(new Uri("/sticky/drain", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        await ReportsAsync(client, "ready; sessions=0");
    }

    [Theory]
    [InlineData("Sticky:AdminKey", "short", "Sticky:AdminKey has 5 characters: allowed are 16 or more, or none at all.")]
    [InlineData("Replica:MaxConn", "0", "Replica:MaxConn is 0: allowed is a whole number from 1.")]
    [InlineData("Replica:CheckPath", "alive", "Replica:CheckPath is \"alive\": allowed is a path such as /alive.")]
    public async Task Options_ThatAreWrong_NameTheKeyAndWhatIsAllowed(string key, string value, string message)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(null, (key, value)));

        Assert.Equal(message, exception.Message);
    }

    public async ValueTask DisposeAsync()
    {
        _hold.TrySetResult();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private async Task<HttpClient> StartAsync(Action<IServiceCollection>? configure = null, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        builder.Services.AddReplica();
        configure?.Invoke(builder.Services);
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Features.Set<IConnectionCompleteFeature>(_connection);
            return next();
        });
        _app.UseReplica();
        _app.MapReplica();
        _app.MapGet("/alive", () => "alive");
        _app.MapGet("/hello", () => "hello");
        _app.MapGet("/upgrade", context =>
        {
            context.Response.StatusCode = StatusCodes.Status101SwitchingProtocols;
            return Task.CompletedTask;
        });
        _app.MapGet("/hold", () => _hold.Task);
        _app.MapGet("/own", () => _hold.Task).WithOwnLoadCount();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        return _app.GetTestClient();
    }

    /// <summary>A request has not ended yet when its client has the answer, nor begun when it is on its way.</summary>
    private static async Task ReportsAsync(HttpClient client, string expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        var report = await CheckAsync(client);
        while (report != expected && !limit.IsCancellationRequested)
        {
            await Task.Yield();
            report = await CheckAsync(client);
        }

        Assert.Equal(expected, report);
    }

    private static async Task<string?> CheckAsync(HttpClient client, string path = "/alive")
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return response.Headers.TryGetValues("X-Sticky-State", out var values) ? values.Single() : null;
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(HttpClient client, string word, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/sticky/{word}");
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Sticky-Key", key);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private sealed class Source(int sessions) : ILoadSource
    {
        public int Sessions => sessions;
    }

    /// <summary>A server's connection, which may outlive the request that was upgraded.</summary>
    private sealed class Connection : IConnectionCompleteFeature
    {
        private readonly List<Func<Task>> _callbacks = [];

        public void OnCompleted(Func<object, Task> callback, object state) => _callbacks.Add(() => callback(state));

        public Task EndAsync() => Task.WhenAll(_callbacks.Select(callback => callback()));
    }
}
