using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Replica.Tests.SignalR;

/// <summary>A hub on real Kestrel, with SignalR's own client.</summary>
public sealed class ServerIdTokenTests : IAsyncLifetime
{
    private readonly ConcurrentBag<string> _idsOnTheWire = [];
    private WebApplication _app = null!;
    private string _url = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Replica:ServerId"] = "s2";
        builder.Services.AddReplica();
        builder.Services.AddSignalR();
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            if (context.Request.Query["id"] is [{ } id])
            {
                _idsOnTheWire.Add(id);
            }

            return next(context);
        });
        _app.UseRouting();
        _app.MapHub<EchoHub>("/hub").WithServerIdTokens();
        await _app.StartAsync();
        _url = _app.Urls.Single() + "/hub";
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData(HttpTransportType.LongPolling)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.WebSockets)]
    public async Task Client_OnAnyTransport_Works_AndItsTokenNamesTheServer(HttpTransportType transport)
    {
        await using var connection = new HubConnectionBuilder().WithUrl(_url, transport).Build();
        await connection.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("hello", await connection.InvokeAsync<string>("Echo", "hello", TestContext.Current.CancellationToken));

        Assert.NotEmpty(_idsOnTheWire);
        Assert.All(_idsOnTheWire, id => Assert.StartsWith("s2.", id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, "connectionToken")]
    [InlineData(0, "connectionId")]
    public async Task Negotiate_PutsTheServerInFrontOfWhatComesBack(int version, string property)
    {
        var answer = await NegotiateAsync(version);

        Assert.StartsWith("s2.", answer.GetProperty(property).GetString(), StringComparison.Ordinal);
        if (version == 1)
        {
            Assert.DoesNotContain(".", answer.GetProperty("connectionId").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(
            ["WebSockets", "ServerSentEvents", "LongPolling"],
            answer.GetProperty("availableTransports").EnumerateArray().Select(each => each.GetProperty("transport").GetString()));
    }

    [Fact]
    public async Task Token_OfAnotherServer_IsUnknownHere()
    {
        using var http = new HttpClient();
        var token = (await NegotiateAsync(1)).GetProperty("connectionToken").GetString()!;

        using var answer = await http.GetAsync($"{_url}?id=s3{token[2..]}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Token_AmongOtherParameters_LeavesThemAsTheyWere()
    {
        string? query = null;
        await using var app = CreateProbe(context => query = context.Request.QueryString.Value);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        await http.GetAsync($"{app.Urls.Single()}/probe?a=1%262&id=s2.to%2Bken&b=x+y", TestContext.Current.CancellationToken);

        Assert.Equal("?a=1%262&id=to%2Bken&b=x+y", query);
    }

    private static WebApplication CreateProbe(Action<HttpContext> look)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Replica:ServerId"] = "s2";
        builder.Services.AddReplica();
        var app = builder.Build();
        app.UseRouting();
        app.MapGet("/probe", (RequestDelegate)(context =>
        {
            look(context);
            return Task.CompletedTask;
        })).WithServerIdTokens();
        return app;
    }

    private async Task<JsonElement> NegotiateAsync(int version)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync($"{_url}/negotiate?negotiateVersion={version}", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
