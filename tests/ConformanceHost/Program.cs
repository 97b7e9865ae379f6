using System.Globalization;
using ConformanceHost;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Serialization;

// The server that conformance suites are run against: a bare Engine.IO echo at /engine.io/, and a Socket.IO echo at /socket.io/.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://{Setting("HOST", "127.0.0.1")}:{Setting("PORT", "3000")}");
builder.Services.AddCors();

var socketIO = builder.Services.AddSocketIO(options =>
{
    Configure(options.Engine);
    options.ConnectTimeout = TimeSpan.FromSeconds(1);
});
if (builder.Configuration["REDIS"] is { Length: > 0 } redis)
{
    socketIO.AddStackExchangeRedis(redis);
}

var app = builder.Build();
app.UseCors(policy => policy.SetIsOriginAllowed(_ => true).AllowAnyHeader().AllowAnyMethod().AllowCredentials());
app.Use((context, next) =>
{
    if (SuitePace.IsNeeded(context.Request) && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
    {
        context.Features.Set<IHttpUpgradeFeature>(new SpacedUpgradeFeature(upgrade));
    }

    return next(context);
});
app.MapEngineIO("/engine.io", session => new EchoHandler(session), Configure);
app.MapSocketIO("/socket.io");

var io = app.Services.GetRequiredService<ISocketIOServer>();
io.OnConnection(async socket =>
{
    await EmitAuthAsync(socket);
    socket.On("message", async (SocketIOPayload payload) => await socket.EmitAsync("message-back", payload));
    socket.On("message-with-ack", async (SocketIOPayload payload, SocketIOAck ack) => await ack.SendAsync(payload));
});
io.Of("/custom").OnConnection(EmitAuthAsync);
io.AddScenario();

app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("ready"));
app.Run();

string Setting(string name, string fallback) => builder.Configuration[name] is { Length: > 0 } value ? value : fallback;

TimeSpan Milliseconds(string name, string fallback) => TimeSpan.FromMilliseconds(double.Parse(Setting(name, fallback), CultureInfo.InvariantCulture));

void Configure(EngineOptions options)
{
    options.PingInterval = Milliseconds("PING_INTERVAL", "300");
    options.PingTimeout = Milliseconds("PING_TIMEOUT", "200");
    options.MaxHttpBufferSize = 1_000_000;
    options.AllowEIO3 = Setting("ALLOW_EIO3", "false") is "true" or "1";
}

// A turn after the CONNECT packet. Events that the client sends meanwhile wait for this handler, so their order stays.
static async Task EmitAuthAsync(ISocketIOSocket socket)
{
    await Task.Delay(SuitePace.Turn);
    await socket.EmitAsync("auth", socket.Handshake.Auth.ValueKind == System.Text.Json.JsonValueKind.Undefined ? new Dictionary<string, string>() : socket.Handshake.Auth);
}
