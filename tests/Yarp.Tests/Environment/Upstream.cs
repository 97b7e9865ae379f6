using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Yarp.Tests.Environment;

/// <summary>
/// A server behind a gateway: real Kestrel on a free port. It answers with its id, and in <c>X-Seen-Cookie</c> with the cookies it got. The query makes it do more:
/// <c>set-cookie</c> (any number) and <c>cache-control</c> become headers of the answer, <c>hold</c> keeps the request until <see cref="Release"/>. <c>/ws</c> echoes over a WebSocket.
/// </summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly ConcurrentQueue<TaskCompletionSource> _held = new();
    private WebApplication? _app;
    private int _current;
    private int _max;
    private int _total;

    private Upstream(string id) => Id = id;

    public string Id { get; }

    public int Port { get; private set; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>The status of its answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>The status of its answers to health checks, at <c>/alive</c>.</summary>
    public int CheckStatus { get; set; } = 200;

    /// <summary>What it says of itself with these; null for nothing.</summary>
    public string? State { get; set; }

    /// <summary>Requests in progress, health checks not among them.</summary>
    public int Current => Volatile.Read(ref _current);

    /// <summary>The most at once so far.</summary>
    public int Max => Volatile.Read(ref _max);

    public int Total => Volatile.Read(ref _total);

    public static async Task<Upstream> StartAsync(string id)
    {
        var upstream = new Upstream(id);
        await upstream.StartAsync();
        return upstream;
    }

    /// <summary>Starts, after a stop at the same port.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port));
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        Port = new Uri(_app.Urls.Single()).Port;
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            ReleaseAll();
            await app.DisposeAsync();
        }
    }

    /// <summary>Lets the request go that has been held for longest.</summary>
    public void Release()
    {
        Assert.True(_held.TryDequeue(out var oldest), "No request is held.");
        oldest.SetResult();
    }

    public void ReleaseAll()
    {
        while (_held.TryDequeue(out var oldest))
        {
            oldest.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/alive")
        {
            context.Response.StatusCode = CheckStatus;
            context.Response.Headers["X-Sticky-State"] = State;
            return;
        }

        var current = Interlocked.Increment(ref _current);
        Interlocked.Increment(ref _total);
        InterlockedMax(ref _max, current);
        try
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                await EchoAsync(context);
                return;
            }

            if (context.Request.Query.ContainsKey("hold"))
            {
                var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _held.Enqueue(release);
                await release.Task.WaitAsync(context.RequestAborted);
            }

            context.Response.StatusCode = Status;
            context.Response.Headers.Append("X-Seen-Cookie", context.Request.Headers.Cookie);
            context.Response.Headers.Append("Set-Cookie", context.Request.Query["set-cookie"]);
            context.Response.Headers.Append("Cache-Control", context.Request.Query["cache-control"]);
            await context.Response.WriteAsync(Id);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _current);
        }
    }

    private async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1_024];
        try
        {
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(Id), WebSocketMessageType.Text, true, context.RequestAborted);
            for (var result = await socket.ReceiveAsync(buffer, context.RequestAborted); result.MessageType != WebSocketMessageType.Close; result = await socket.ReceiveAsync(buffer, context.RequestAborted))
            {
                await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, context.RequestAborted);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
        catch (WebSocketException)
        {
            // The client left without a word.
        }
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (var max = Volatile.Read(ref place); value > max; max = Volatile.Read(ref place))
        {
            if (Interlocked.CompareExchange(ref place, value, max) == max)
            {
                return;
            }
        }
    }
}
