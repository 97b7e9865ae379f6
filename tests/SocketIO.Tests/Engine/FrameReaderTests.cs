using System.Net.WebSockets;
using System.Text;
using StickyAspire.SocketIO.Engine;

namespace SocketIO.Tests.Engine;

/// <summary>Clients' frames, whole and torn, legal and not (RFC 6455, section 5).</summary>
public sealed class FrameReaderTests
{
    private const int Limit = 70_000;
    private const byte Final = 0x80;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(4_096)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(Limit)]
    public void Message_OfAnyLength_IsReadAsItWas(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);

        var messages = Read(Frame(Final | 2, payload), chunk: 1_000);

        Assert.Equal(payload, Assert.Single(messages).Data);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Messages_TornAnywhere_AreReadAsTheyWere(int chunk)
    {
        byte[] stream =
        [
            .. Frame(Final | 1, "one"u8), .. Frame(1, "tw"u8), .. Frame(Final | 9, "ping"u8), .. Frame(0, ""u8), .. Frame(Final | 0, "o"u8), .. Frame(Final | 10, "pong"u8),
            .. Frame(Final | 2, "three"u8), .. Frame(Final | 8, [0x03, 0xE8, (byte)'x']),
        ];

        var messages = Read(stream, chunk);

        Assert.Equal(
            [(WebSocketMessageKind.Text, "one"), (WebSocketMessageKind.Ping, "ping"), (WebSocketMessageKind.Text, "two"), (WebSocketMessageKind.Binary, "three"), (WebSocketMessageKind.Close, "\u0003\ufffdx")],
            messages.Select(message => (message.Kind, Encoding.UTF8.GetString(message.Data))));
    }

    [Fact]
    public void CharacterTornBetweenFragments_IsLegal()
    {
        var text = "ü"u8.ToArray();

        var message = Assert.Single(Read([.. Frame(1, text.AsSpan(0, 1)), .. Frame(Final, text.AsSpan(1))], int.MaxValue));

        Assert.Equal(text, message.Data);
    }

    public static TheoryData<string, byte[], WebSocketCloseStatus> Violations => new()
    {
        { "not masked", [Final | 1, 1, (byte)'x'], WebSocketCloseStatus.ProtocolError },
        { "first reserved bit", Frame(Final | 0x40 | 1, "x"u8), WebSocketCloseStatus.ProtocolError },
        { "third reserved bit", Frame(Final | 0x10 | 1, "x"u8), WebSocketCloseStatus.ProtocolError },
        { "unknown opcode", Frame(Final | 3, "x"u8), WebSocketCloseStatus.ProtocolError },
        { "unknown control opcode", Frame(Final | 11, "x"u8), WebSocketCloseStatus.ProtocolError },
        { "fragmented ping", Frame(9, "x"u8), WebSocketCloseStatus.ProtocolError },
        { "long ping", Frame(Final | 9, new byte[126]), WebSocketCloseStatus.ProtocolError },
        { "continuation of nothing", Frame(Final, "x"u8), WebSocketCloseStatus.ProtocolError },
        { "message within a message", [.. Frame(1, "x"u8), .. Frame(Final | 1, "x"u8)], WebSocketCloseStatus.ProtocolError },
        { "negative length", [Final | 2, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], WebSocketCloseStatus.ProtocolError },
        { "close status of one byte", Frame(Final | 8, [3]), WebSocketCloseStatus.ProtocolError },
        { "close status that is never sent", Frame(Final | 8, [0x03, 0xED]), WebSocketCloseStatus.ProtocolError },
        { "close reason not UTF-8", Frame(Final | 8, [0x03, 0xE8, 0xFF]), WebSocketCloseStatus.InvalidPayloadData },
        { "text not UTF-8", Frame(Final | 1, [0xC3, 0x28]), WebSocketCloseStatus.InvalidPayloadData },
        { "text not UTF-8 in fragments", [.. Frame(1, [0xC3]), .. Frame(Final, "("u8)], WebSocketCloseStatus.InvalidPayloadData },
        { "too long", Frame(Final | 2, new byte[Limit + 1])[..14], WebSocketCloseStatus.MessageTooBig },
        { "too long by a claim alone", [Final | 2, 0x80 | 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], WebSocketCloseStatus.MessageTooBig },
        { "too long in fragments", [.. Frame(2, new byte[Limit]), .. Frame(Final, "x"u8)], WebSocketCloseStatus.MessageTooBig },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Violation_IsAnsweredWithItsStatus(string what, byte[] bytes, WebSocketCloseStatus status)
    {
        foreach (var chunk in (int[])[1, 1_000, int.MaxValue])
        {
            var violation = Assert.Throws<WebSocketViolation>(() => Read(bytes, chunk));

            Assert.True(status == violation.Status, what);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(int.MaxValue)]
    public void WhatComesAfterAViolation_IsSkippedUpToTheClose(int chunk)
    {
        byte[] bytes = [.. Frame(2, new byte[Limit + 1]), .. Frame(Final | 9, "ping"u8), .. Frame(Final | 1, [0xC3, 0x28]), .. Frame(Final | 8, [])];
        using var reader = new FrameReader(Limit);
        var tooLong = bytes.AsSpan(0, 14);
        tooLong.CopyTo(reader.GetMemory().Span);
        reader.Advance(tooLong.Length);
        Assert.Throws<WebSocketViolation>(() => reader.TryRead(out _));

        reader.SkipToClose();

        Assert.Equal(WebSocketMessageKind.Close, Assert.Single(Read(reader, bytes.AsSpan(tooLong.Length), chunk)).Kind);
        Assert.True(reader.TryRead(out var again));
        Assert.Equal(WebSocketMessageKind.Close, again.Kind);
    }

    private static List<(WebSocketMessageKind Kind, byte[] Data)> Read(ReadOnlySpan<byte> bytes, int chunk)
    {
        using var reader = new FrameReader(Limit);
        var messages = Read(reader, bytes, chunk);
        Assert.True(reader.IsEmpty);
        return messages;
    }

    private static List<(WebSocketMessageKind Kind, byte[] Data)> Read(FrameReader reader, ReadOnlySpan<byte> bytes, int chunk)
    {
        var messages = new List<(WebSocketMessageKind Kind, byte[] Data)>();
        while (!bytes.IsEmpty)
        {
            var memory = reader.GetMemory();
            var count = Math.Min(chunk, Math.Min(bytes.Length, memory.Length));
            bytes[..count].CopyTo(memory.Span);
            bytes = bytes[count..];
            reader.Advance(count);
            while (messages.LastOrDefault().Kind != WebSocketMessageKind.Close && reader.TryRead(out var message))
            {
                messages.Add((message.Kind, message.Data.ToArray()));
            }
        }

        return messages;
    }

    private static byte[] Frame(int first, ReadOnlySpan<byte> payload)
    {
        byte[] mask = [0x12, 0x34, 0x56, 0xF8];
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0x80 | 127, 0, 0, 0, 0, 0, (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        var masked = payload.ToArray();
        for (var i = 0; i < masked.Length; i++)
        {
            masked[i] ^= mask[i & 3];
        }

        return [(byte)first, .. length, .. mask, .. masked];
    }
}
