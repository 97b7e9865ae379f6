using System.Text.Json;
using StickyAspire.SocketIO;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSocketIO(options =>
{
    options.ClientDirectory = Path.Combine(builder.Environment.ContentRootPath, "../node_modules/socket.io-client/dist");

    // A tab that loses its connection for a while misses nothing.
    options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
});

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapSocketIO();

var io = app.Services.GetRequiredService<ISocketIOServer>();

// Who says no name does not get in. A real application checks a token here, or uses app.MapSocketIO().RequireAuthorization().
io.Use(socket =>
{
    var auth = socket.Handshake.Auth;
    var name = auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty("username", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
    if (name is not { Length: > 0 and <= 32 })
    {
        throw new SocketIOException("invalid username");
    }

    socket.Data["username"] = name;
    return Task.CompletedTask;
});

io.OnConnection(async socket =>
{
    // A user may have several tabs: they share a room, and it is the room that gets messages.
    var username = socket.GetData<string>("username")!;
    await socket.JoinAsync(Room(username));
    await socket.EmitAsync("users", await UsersAsync());
    await socket.Broadcast.EmitAsync("user connected", username);

    // The answer says whether anybody was there to get it.
    socket.On("private message", async (string to, string? content) =>
    {
        if (content is not { Length: > 0 and <= 2_000 })
        {
            throw new SocketIOException("A message has 1 to 2,000 characters.");
        }

        var message = new { from = username, to, content };
        await socket.To(Room(username), Room(to)).EmitAsync("private message", message);
        return (await io.To(Room(to)).FetchSocketsAsync()).Count > 0;
    });

    socket.OnDisconnect(async _ =>
    {
        if ((await io.To(Room(username)).FetchSocketsAsync()).Count == 0)
        {
            await io.EmitAsync("user disconnected", username);
        }
    });
});

app.Run();

static string Room(string username) => "user:" + username;

async Task<string[]> UsersAsync() =>
    [.. (await io.FetchSocketsAsync()).Select(socket => socket.Data.GetProperty("username").GetString()!).Distinct().Order(StringComparer.Ordinal)];
