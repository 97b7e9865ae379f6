using System.Text.Json;
using SocketIO.AotHost;
using StickyAspire.SocketIO;

// Whatever needs reflection fails here. MSGPACK=1 chooses the MessagePack parser.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://{builder.Configuration["HOST"] ?? "127.0.0.1"}:{builder.Configuration["PORT"] ?? "0"}");
var socketIO = builder.Services.AddSocketIO(options => options.JsonSerializerOptions.TypeInfoResolver = HostJsonContext.Default);
if (builder.Configuration["MSGPACK"] == "1")
{
    socketIO.AddMessagePackParser();
}

var app = builder.Build();
app.MapSocketIO();

var io = app.Services.GetRequiredService<ISocketIOServer>();
io.OnConnection(async socket =>
{
    socket.Data["joined"] = 1;
    socket.On("order", (Order order) => order with { Count = order.Count + 1 });
    socket.On("fail", () => throw new SocketIOException("as asked"));
    socket.On("ask", async (Order order) => await socket.EmitAsync("asked", await socket.EmitWithAckAsync<Order>("question", order)));
    socket.On("who", async () => await socket.EmitAsync("here", (await io.FetchSocketsAsync())[0].Data));
    await socket.EmitAsync("welcome", new Order("tea", 1, [1, 2, 3]), "text", 5, true, null, new Dictionary<string, object?> { ["mixed"] = 1.5 });
});
io.Of("/guarded").Use(_ => throw new SocketIOException("no", new Order("none", 0, [])));

app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine(JsonSerializer.IsReflectionEnabledByDefault ? "reflection is on" : "ready"));
app.Run();
