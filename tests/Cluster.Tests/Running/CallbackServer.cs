using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Tests.Running;

/// <summary>Where servers POST the events that they listen to.</summary>
internal sealed class CallbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Callback> _callbacks = new();

    private CallbackServer(WebApplication app) => _app = app;

    public static async Task<CallbackServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new CallbackServer(builder.Build());
        server._app.MapPost("/{id}", server.ReceiveAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>A new address that gathers what is POSTed to it.</summary>
    /// <param name="answer">What each event is acknowledged with; without it none is.</param>
    public Callback Add(object? answer = null)
    {
        var id = Guid.NewGuid().ToString("N");
        return _callbacks[id] = new Callback(new Uri(new Uri(_app.Urls.Single()), id), answer);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> ReceiveAsync(string id, HttpRequest request)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body);
        if (!_callbacks.TryGetValue(id, out var callback))
        {
            return Results.NotFound();
        }

        callback.Received.Enqueue(body);
        return callback.Answer is { } answer ? Results.Json(new { ack = answer }) : Results.Json(new { });
    }
}
