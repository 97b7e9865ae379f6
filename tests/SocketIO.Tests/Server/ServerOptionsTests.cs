using System.Text;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Protocol;

namespace SocketIO.Tests.Server;

/// <summary>What the options above the transports do.</summary>
public sealed class ServerOptionsTests
{
    [Theory]
    [InlineData(false, "The event could not be handled.", "Connection refused")]
    [InlineData(true, "the disk is full", "the list is empty")]
    public async Task DetailedErrors_AreToldOnlyWhereAskedFor(bool enabled, string handler, string middleware)
    {
        await using var server = await TestServer.StartAsync(
            options => options.EnableDetailedErrors = enabled,
            io =>
            {
                io.OnConnection(socket => socket.On("fail", () => throw new InvalidOperationException("the disk is full")));
                io.Of("/guarded").Use(_ => throw new InvalidOperationException("the list is empty"));
            });
        await using var client = await server.ConnectAsync();

        await client.SendAsync("""421["fail"]""");
        await client.ExpectAsync($$"""431[{"error":"{{handler}}"}]""");
        await client.SendAsync("40/guarded,");
        await client.ExpectAsync($$"""44/guarded,{"message":"{{middleware}}"}""");
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task MaxAttachments_AreTaken_AndOneMoreEndsTheConnection(int count, bool taken)
    {
        await using var server = await TestServer.StartAsync(
            options => options.MaxAttachments = 2, io => io.OnConnection(socket => socket.On("bytes", (byte[] first, byte[] second) => first.Length + second.Length)));
        await using var client = await server.ConnectAsync();

        var placeholders = string.Join(',', Enumerable.Range(0, count).Select(n => $$"""{"_placeholder":true,"num":{{n}}}"""));
        await client.SendAsync($$"""45{{count}}-1["bytes",{{placeholders}}]""");
        if (taken)
        {
            await client.SendAsync([1, 2]);
            await client.SendAsync([3]);
        }

        Assert.Equal(taken ? "431[3]" : null, await client.ReceiveAsync());
    }

    [Fact]
    public async Task Parser_IsTheApplicationsToChoose()
    {
        await using var server = await TestServer.StartAsync(
            options => options.Parser = new BytesParser(), io => io.OnConnection(socket => socket.On("ask", (int n) => n + 1)));
        await using var client = await TestClient.OpenAsync(server.Url);

        await client.SendAsync("0"u8.ToArray());
        Assert.StartsWith("0{\"sid\":", await ReadAsync(client), StringComparison.Ordinal);
        await client.SendAsync("""21["ask",1]"""u8.ToArray());
        Assert.Equal("31[2]", await ReadAsync(client));

        // Text is not what this parser speaks.
        await client.SendAsync("40");
        Assert.Null(await client.ReceiveAsync());

        static async Task<string> ReadAsync(TestClient client)
        {
            var message = await client.ReceiveAsync();
            Assert.StartsWith("b", message, StringComparison.Ordinal);
            return Encoding.UTF8.GetString(Convert.FromBase64String(message![1..]));
        }
    }

    [Fact]
    public async Task ClientsCount_IsOfSessions_WhateverNamespacesTheyAreIn()
    {
        await using var server = await TestServer.StartAsync(map: io => io.Of("/other"));
        await using var client = await server.ConnectAsync();
        await client.JoinAsync("/other");
        await using (var second = await server.ConnectAsync("/other"))
        {
            Assert.Equal(2, server.IO.ClientsCount);
        }

        await Eventually.TrueAsync(() => server.IO.ClientsCount == 1, "the second is gone");
    }

    /// <summary>The protocol's text, as bytes.</summary>
    private sealed class BytesParser : ISocketIOParser
    {
        private readonly DefaultParser _inner = new(maxAttachments: 0, maxDepth: 16);

        public SocketIOFrames Encode(SocketIOPacket packet) => new(_inner.Encode(packet).First[1..], IsBinary: true, []);

        public ISocketIODecoder CreateDecoder() => new Decoder(_inner.CreateDecoder());

        private sealed class Decoder(ISocketIODecoder inner) : ISocketIODecoder
        {
            public SocketIODecodeResult Add(ReadOnlyMemory<byte> message, bool isBinary, out SocketIOPacket? packet)
            {
                packet = null;
                return isBinary ? inner.Add(message, isBinary: false, out packet) : SocketIODecodeResult.Invalid;
            }
        }
    }
}
