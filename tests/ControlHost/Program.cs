using System.Globalization;
using ControlHost;
using StickyAspire.SocketIO;

// A server of a cluster that other programs drive by POST /control: scenarios run on it, on its twin tests/clients/control-host.mjs, and on a mix of both.
// PORT, HOST, REDIS, ADAPTER, CSR and REQUESTS_TIMEOUT come from the environment; prints "ready".
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://{Setting("HOST", "127.0.0.1")}:{Setting("PORT", "3000")}");
builder.Services.AddCors();
builder.Services.AddHttpClient();
builder.Services.AddSingleton<ClusterStats>();
builder.Services.AddSingleton<Listeners>();
builder.Services.AddSingleton<ControlOperations>();
builder.Services.AddSocketIO(options => options.ConnectionStateRecovery = Setting("CSR", "0") == "1" ? new ConnectionStateRecoveryOptions() : null)
    .AddAdapter(
        Setting("ADAPTER", "memory"),
        Setting("REDIS", "127.0.0.1:6379"),
        TimeSpan.FromMilliseconds(double.Parse(Setting("REQUESTS_TIMEOUT", "1000"), CultureInfo.InvariantCulture)));

var app = builder.Build();
app.UseCors(policy => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod());
app.MapSocketIO("/socket.io");
app.MapPost("/control", (HttpContext context, ControlOperations operations) => operations.HandleAsync(context));
app.Services.GetRequiredService<ClusterStats>().Start();
app.Services.GetRequiredService<Listeners>().Start();
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("ready"));
app.Run();

string Setting(string name, string fallback) => builder.Configuration[name] is { Length: > 0 } value ? value : fallback;
