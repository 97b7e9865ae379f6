using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Admin;

/// <summary>The server's side of <c>@socket.io/admin-ui</c> 0.5: Node's <c>instrument(io, …)</c>.</summary>
internal sealed class AdminInstrumentation(SocketIOServer server, IOptions<AdminUIOptions> options, IAdminSessionStore sessions, TimeProvider timeProvider)
    : IHostedLifecycleService, IAsyncDisposable
{
    public const string NewSessionKey = "_adminSession";

    private static readonly TimeSpan StatsInterval = TimeSpan.FromSeconds(2);

    private readonly AdminUIOptions _options = options.Value;
    private AdminStats? _stats;
    private ITimer? _timer;

    private ISocketIONamespace Admin => server.Of(_options.NamespaceName);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var authentication = new AdminAuthentication(_options, sessions);
        Admin.Use(authentication.CheckAsync);
        Admin.OnConnection(OnConnectedAsync);
        server.Metrics.Traffic = new Diagnostics.TrafficTotals();
        _stats = new AdminStats(server, _options, timeProvider);
        if (_options.ShowsDetails)
        {
            server.Observer = new AdminObserver((SocketIONamespace)Admin, timeProvider);
        }

        _timer = timeProvider.CreateTimer(static admin => _ = ((AdminInstrumentation)admin!).EmitStatsAsync(), this, StatsInterval, StatsInterval);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task EmitStatsAsync() => await Admin.EmitAsync("server_stats", _stats!.Take());

    private async Task OnConnectedAsync(ISocketIOSocket socket)
    {
        if (socket.Data.Remove(NewSessionKey, out var session))
        {
            await socket.EmitAsync("session", session);
        }

        string[] features = _options.IsReadOnly ? [] : ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"];
        features = [.. features, "AGGREGATED_EVENTS"];
        if (!_options.IsReadOnly)
        {
            MapFeatures(socket);
        }

        if (!_options.ShowsDetails)
        {
            await socket.EmitAsync("config", Json(new Dictionary<string, object?> { ["supportedFeatures"] = features }));
            return;
        }

        await socket.EmitAsync("config", Json(new Dictionary<string, object?> { ["supportedFeatures"] = (string[])[.. features, "ALL_EVENTS"] }));
        await socket.EmitAsync("all_sockets", await FetchAllAsync());
    }

    private void MapFeatures(ISocketIOSocket socket)
    {
        socket.On("emit", async (string nsp, string? filter, string eventName, SocketIOPayload arguments) =>
        {
            if (Select(nsp, filter) is { } target)
            {
                await target.EmitAsync(eventName, arguments);
            }
        });
        socket.On("join", async (string nsp, string room, string? filter) =>
        {
            if (Select(nsp, filter) is { } target)
            {
                await target.SocketsJoinAsync(room);
            }
        });
        socket.On("leave", async (string nsp, string room, string? filter) =>
        {
            if (Select(nsp, filter) is { } target)
            {
                await target.SocketsLeaveAsync(room);
            }
        });
        socket.On("_disconnect", async (string nsp, bool close, string? filter) =>
        {
            if (Select(nsp, filter) is { } target)
            {
                await target.DisconnectSocketsAsync(close);
            }
        });
    }

    /// <summary>The clients that the page means. Nothing for a namespace that is not there: the page must not bring any into being.</summary>
    private IBroadcastOperator? Select(string nsp, string? filter) =>
        server.Find(nsp) is not { } found ? null : string.IsNullOrEmpty(filter) ? found : found.To(filter);

    private async Task<JsonElement[]> FetchAllAsync()
    {
        var result = new List<JsonElement>();
        foreach (var nsp in server.Namespaces)
        {
            foreach (var socket in await nsp.FetchSocketsAsync())
            {
                result.Add(AdminSocketJson.Create(nsp.Name, socket.Id, socket.Handshake, socket.Rooms, socket.Data));
            }
        }

        return [.. result];
    }

    private JsonElement Json(object value) => JsonElement.Parse(server.Serializer.ToJson(value));
}
