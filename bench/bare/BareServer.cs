using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.Bench.Bare;

/// <summary>
/// What the load tool expects of a Socket.IO server, and no more: no heartbeat, no bounds, no errors, no rooms. It answers CONNECT and echoes; what it costs is Kestrel's cost.
/// </summary>
internal static class BareServer
{
    private static readonly byte[] Ok = "ok"u8.ToArray();
    private static readonly ConcurrentDictionary<string, Mailbox> Sessions = new(StringComparer.Ordinal);

    public static WebApplication Create(string port, string id)
    {
        var app = BareHost.CreateBuilder(port).Build();
        app.Run(context => context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade
            ? ServeWebSocketAsync(context, upgrade, id)
            : context.Request.Query["sid"] is [{ } sid] ? ServeSessionAsync(context, sid) : OpenAsync(context, id));
        return app;
    }

    private static string NewId(string server) => $"{server}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";

    private static byte[] Handshake(string sid) =>
        Encoding.ASCII.GetBytes($$"""0{"sid":"{{sid}}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}""");

    private static async Task OpenAsync(HttpContext context, string server)
    {
        if (!context.Request.Path.StartsWithSegments("/socket.io", StringComparison.Ordinal))
        {
            await WriteAsync(context, Ok);
            return;
        }

        var sid = NewId(server);
        Sessions[sid] = new Mailbox();
        await WriteAsync(context, Handshake(sid));
    }

    private static async Task ServeSessionAsync(HttpContext context, string sid)
    {
        var mailbox = Sessions[sid];
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await WriteAsync(context, await mailbox.TakeAsync());
            return;
        }

        var body = new byte[(int)context.Request.ContentLength!];
        await context.Request.Body.ReadExactlyAsync(body);
        mailbox.Put(Answer(body, sid));
        await WriteAsync(context, Ok);
    }

    private static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = "text/plain; charset=UTF-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>CONNECT's answer, or the acknowledgement of an event that begins with its name: <c>427["echo",DATA]</c>.</summary>
    private static byte[] Answer(ReadOnlySpan<byte> packet, string sid)
    {
        if (packet[1] == (byte)'0')
        {
            return Encoding.ASCII.GetBytes($$"""40{"sid":"{{sid}}"}""");
        }

        var open = packet.IndexOf((byte)'[');
        var comma = packet.IndexOf((byte)',');
        return [(byte)'4', (byte)'3', .. packet[2..open], (byte)'[', .. packet[(comma + 1)..]];
    }

    private static async Task ServeWebSocketAsync(HttpContext context, IHttpUpgradeFeature upgrade, string server)
    {
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        var isUpgrade = context.Request.Query["sid"] is [{ }];
        var sid = isUpgrade ? context.Request.Query["sid"].ToString() : NewId(server);
        await using var stream = await upgrade.UpgradeAsync();
        if (!isUpgrade)
        {
            await stream.WriteAsync(Frame(Handshake(sid)));
        }

        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        var filled = 0;
        while (await stream.ReadAsync(buffer.AsMemory(filled)) is > 0 and var read)
        {
            filled += read;
            while (TryReadFrame(buffer.AsSpan(0, filled), out var packet, out var length))
            {
                var answer = AnswerFrame(buffer[0], packet, sid);
                buffer.AsSpan(length, filled - length).CopyTo(buffer);
                filled -= length;
                if (answer is null)
                {
                    return;
                }

                await stream.WriteAsync(answer);
            }
        }
    }

    /// <returns>Null at the end, empty where nothing is to be said.</returns>
    private static byte[]? AnswerFrame(byte opcode, ReadOnlySpan<byte> packet, string sid)
    {
        if ((opcode & 0xF) == 8)
        {
            return null;
        }

        if (packet.SequenceEqual("2probe"u8))
        {
            Sessions[sid].EndPolling();
            return Frame("3probe"u8);
        }

        return packet is [(byte)'4', ..] ? Frame(Answer(packet, sid)) : [];
    }

#pragma warning disable CA5350 // RFC 6455 wants SHA-1.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
#pragma warning restore CA5350

    private static byte[] Frame(ReadOnlySpan<byte> payload) => payload.Length < 126
        ? [0x81, (byte)payload.Length, .. payload]
        : [0x81, 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    /// <summary>Unmasks a client's frame where it lies.</summary>
    private static bool TryReadFrame(Span<byte> bytes, out ReadOnlySpan<byte> payload, out int length)
    {
        payload = default;
        length = 0;
        if (bytes.Length < 6)
        {
            return false;
        }

        var size = bytes[1] & 0x7F;
        var head = 2;
        if (size == 126)
        {
            size = (bytes[2] << 8) | bytes[3];
            head = 4;
        }

        length = head + 4 + size;
        if (bytes.Length < length)
        {
            return false;
        }

        var mask = bytes.Slice(head, 4);
        var data = bytes.Slice(head + 4, size);
        for (var i = 0; i < data.Length; i++)
        {
            data[i] ^= mask[i & 3];
        }

        payload = data;
        return true;
    }

    /// <summary>What waits for a session's next poll.</summary>
    private sealed class Mailbox
    {
        private static readonly byte[] Noop = "6"u8.ToArray();

        private readonly Queue<byte[]> _messages = new();
        private TaskCompletionSource<byte[]>? _poll;
        private bool _isEnding;

        /// <summary>Has a noop for each poll from now on that would only wait, as Engine.IO has it while a client changes to WebSocket.</summary>
        public void EndPolling()
        {
            lock (_messages)
            {
                _isEnding = true;
            }

            Put(Noop);
        }

        public void Put(byte[] message)
        {
            TaskCompletionSource<byte[]>? poll;
            lock (_messages)
            {
                poll = _poll;
                _poll = null;
                if (poll is null)
                {
                    _messages.Enqueue(message);
                    return;
                }
            }

            poll.SetResult(message);
        }

        public Task<byte[]> TakeAsync()
        {
            lock (_messages)
            {
                if (_messages.TryDequeue(out var message))
                {
                    return Task.FromResult(message);
                }

                if (_isEnding)
                {
                    return Task.FromResult(Noop);
                }

                _poll = new TaskCompletionSource<byte[]>();
                return _poll.Task;
            }
        }
    }
}
