using StickyAspire.SocketIO;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSocketIO(options =>
    options.ClientDirectory = Path.Combine(builder.Environment.ContentRootPath, "../node_modules/socket.io-client/dist"));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapSocketIO();

const int MaxName = 32;
const int MaxText = 2_000;

var io = app.Services.GetRequiredService<ISocketIOServer>();
io.OnConnection(socket =>
{
    // Once for each client: its name. What the handler returns is the answer to the client's callback.
    socket.On("add user", async (string? name) =>
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxName || socket.Data.ContainsKey("name"))
        {
            throw new SocketIOException($"A name has 1 to {MaxName} characters, and stays.");
        }

        socket.Data["name"] = name;
        await socket.JoinAsync("chat");
        await socket.To("chat").EmitAsync("user joined", name);
        return (await io.To("chat").FetchSocketsAsync()).Select(other => other.Data.GetProperty("name").GetString()).ToArray();
    });

    socket.On("new message", async (string? text) =>
    {
        if (socket.Data.TryGetValue("name", out var name) && text is { Length: > 0 and <= MaxText })
        {
            await socket.To("chat").EmitAsync("new message", new { from = name, text });
        }
    });

    // Who misses one sees the next: not worth keeping for a slow client.
    socket.On("typing", async () => await socket.To("chat").Volatile.EmitAsync("typing", socket.GetData<string>("name")));

    socket.OnDisconnect(async _ =>
    {
        if (socket.Data.TryGetValue("name", out var name))
        {
            await io.To("chat").EmitAsync("user left", name);
        }
    });
});

app.Run();
