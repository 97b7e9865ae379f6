using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Redis;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.Docs;

/// <summary>The C# blocks of <c>docs/socketio-for-node-users.md</c>, so that they compile. <see cref="NodeUsersPageTests"/> holds page and file together.</summary>
internal static class Snippets
{
    public static void Server(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddSocketIO(options => options.Engine.PingInterval = TimeSpan.FromSeconds(10));
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins("https://example.com").AllowCredentials()));

        var app = builder.Build();
        app.UseCors();
        app.MapSocketIO();

        var io = app.Services.GetRequiredService<ISocketIOServer>();
        io.OnConnection(async socket =>
        {
            await socket.JoinAsync("lobby");
            socket.On("message", async (string text) =>
            {
                await socket.To("lobby").EmitAsync("message", text);
                return new { ok = true };
            });
            socket.OnDisconnect(reason => Console.WriteLine(reason));
        });

        app.Run();
    }

    public static async Task EmitAsync(ISocketIOServer io, ISocketIOSocket socket, string socketId)
    {
        // to this client: socket.emit("hello", 1, "2", { 3: "4", 5: bytes })
        await socket.EmitAsync("hello", 1, "2", new Dictionary<string, object> { ["3"] = "4", ["5"] = new byte[] { 6 } });

        // to everybody else: socket.broadcast.emit("hello")
        await socket.Broadcast.EmitAsync("hello");

        // to a room, except this client: socket.to("room1").emit("hello")
        await socket.To("room1").EmitAsync("hello");

        // to two rooms but not a third: io.to("room1").to("room2").except("room3").emit("hello")
        await io.To("room1", "room2").Except("room3").EmitAsync("hello");

        // to everybody in a namespace: io.of("/chat").emit("hello")
        await io.Of("/chat").EmitAsync("hello");

        // to one client by its id: io.to(socketId).emit("hello")
        await io.To(socketId).EmitAsync("hello");

        // with an answer: await socket.timeout(5000).emitWithAck("hello", "world")
        var answer = await socket.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync<string>("hello", "world");

        // with everybody's answer: await io.timeout(5000).emitWithAck("hello", "world")
        var answers = await io.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync<string>("hello", "world");

        // only now or never: socket.volatile.emit("hello")
        await socket.Volatile.EmitAsync("hello");

        // uncompressed: socket.compress(false).emit("hello")
        await socket.Compress(false).EmitAsync("hello");

        // to the clients of this server only: io.local.emit("hello")
        await io.Local.EmitAsync("hello");

        // to the other servers: io.serverSideEmit("hello", "world")
        await io.ServerSideEmitAsync("hello", "world");
        _ = (answer, answers);
    }

    public static void Handlers(ISocketIOServer io, ISocketIOSocket socket, string folder)
    {
        socket.On("add", (int a, int b) => a + b);
        socket.On("upload", async (string name, byte[] content) =>
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, Path.GetFileName(name)), content);
            return content.Length;
        });
        socket.On("anything", async (SocketIOPayload arguments, SocketIOAck callback) => await callback.SendAsync(arguments.Count));
        socket.OnAny((eventName, arguments) => Console.WriteLine($"{eventName} with {arguments.Count} arguments"));

        io.Of("/orders").MapHandler<OrderHandler>();
    }

    public static void Middleware(ISocketIOServer io, ISocketIOSocket socket, ITokens tokens)
    {
        io.Use(async socket =>
        {
            var token = socket.Handshake.Auth.GetProperty("token").GetString();
            if (!await tokens.IsValidAsync(token))
            {
                throw new SocketIOException("not authorized", new { code = "E1" });
            }
        });
        socket.Use(context => context.EventName == "forbidden" ? throw new SocketIOException("not allowed") : Task.CompletedTask);
    }

    public static void Redis(WebApplicationBuilder builder)
    {
        builder.Services.AddSocketIO().AddStackExchangeRedis("localhost:6379", options => options.Mode = RedisAdapterMode.Streams);
    }

    public static void AdminUI(WebApplicationBuilder builder)
    {
        builder.Services.AddSocketIO().AddAdminUI(options =>
        {
            (options.Username, options.Password) = ("admin", builder.Configuration["AdminPassword"]);
            options.ShowsDetails = builder.Environment.IsDevelopment();
        });
    }

    internal interface ITokens
    {
        Task<bool> IsValidAsync(string? token);
    }

    public interface IOrders
    {
        Task<int> AddAsync(Order order, CancellationToken cancellationToken);
    }

    public sealed record Order(string Product, int Count);

    public sealed class OrderHandler(IOrders orders) : SocketIOHandler
    {
        public override async Task OnConnectedAsync() => await Socket.JoinAsync("orders");

        [SocketIOEvent("order:create")]
        public async Task<int> CreateAsync(Order order, CancellationToken disconnected) => await orders.AddAsync(order, disconnected);
    }
}
