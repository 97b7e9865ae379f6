using System.Buffers;
using System.Text.Json;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.MessagePack;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Fuzz;

/// <summary>What is fuzzed. A target throws if its code throws, or if what was read is not the same after it has been written and read again.</summary>
internal static class FuzzTargets
{
    private const byte Separator = 0x1e;

    private static readonly SocketIOSerializer Serializer = new(SocketIOSerializer.CreateDefaultOptions());
    private static readonly DefaultParser Default = new(maxAttachments: 10, maxDepth: 64);
    private static readonly MessagePackParser MessagePack = new(maxDepth: 64);

    public static IReadOnlyList<string> Names { get; } = ["default", "msgpack", "payload-v4", "payload-v3"];

    public static Action<byte[]>? Find(string name) => name switch
    {
        "default" => RunDefault,
        "msgpack" => RunMessagePack,
        "payload-v4" => RunPayloadV4,
        "payload-v3" => RunPayloadV3,
        _ => null,
    };

    /// <summary>A conversation: messages with a separator between them, those of bytes with a <c>b</c> in front.</summary>
    private static void RunDefault(byte[] input)
    {
        var decoder = Default.CreateDecoder();
        foreach (var message in Split(input))
        {
            var isBinary = message.Length > 0 && message.Span[0] == (byte)'b';
            if (!isBinary && !System.Text.Unicode.Utf8.IsValid(message.Span))
            {
                // Both transports see to that.
                return;
            }

            switch (decoder.Add(isBinary ? message[1..] : message, isBinary, out var packet))
            {
                case SocketIODecodeResult.Invalid:
                    return;
                case SocketIODecodeResult.Complete:
                    Use(packet!);
                    CheckSame(packet!, Decode(Default.Encode(packet!)));
                    break;
            }
        }
    }

    private static SocketIOPacket Decode(SocketIOFrames frames)
    {
        var decoder = Default.CreateDecoder();
        var result = decoder.Add(frames.First[1..], isBinary: false, out var packet);
        foreach (var attachment in frames.Attachments)
        {
            Check(result == SocketIODecodeResult.NeedsMore, "attachments are awaited");
            result = decoder.Add(attachment, isBinary: true, out packet);
        }

        Check(result == SocketIODecodeResult.Complete, "what was encoded can be decoded");
        return packet!;
    }

    private static void RunMessagePack(byte[] input)
    {
        if (MessagePack.CreateDecoder().Add(input, isBinary: true, out var packet) != SocketIODecodeResult.Complete)
        {
            return;
        }

        Use(packet!);
        var frames = MessagePack.Encode(packet!);
        Check(MessagePack.CreateDecoder().Add(frames.First, isBinary: true, out var again) == SocketIODecodeResult.Complete, "what was encoded can be decoded");
        Check(packet!.Type == again!.Type && packet.Namespace == again.Namespace && packet.Id == again.Id, "the packet is the same");
        Check(packet.Attachments.Length == again.Attachments.Length, "no attachment is lost");
    }

    private static void RunPayloadV4(byte[] input)
    {
        ReadOnlyMemory<byte> payload = input;
        var packets = new List<EnginePacket>();
        while (!payload.IsEmpty && PayloadV4.TryRead(ref payload, out var packet))
        {
            packets.Add(Outbound(packet));
        }

        if (packets.Count == 0)
        {
            return;
        }

        var output = new ArrayBufferWriter<byte>();
        PayloadV4.Write(packets, output);
        Check(output.WrittenCount == PayloadV4.GetLength(packets), "the length is as foretold");
        payload = output.WrittenMemory;
        foreach (var packet in packets)
        {
            Check(PayloadV4.TryRead(ref payload, out var again), "what was written can be read");
            CheckSame(packet, Outbound(again));
        }

        Check(payload.IsEmpty, "nothing is left");
    }

    /// <summary>The first byte says whether the payload is text.</summary>
    private static void RunPayloadV3(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var isBinary = (input[0] & 1) == 1;
        ReadOnlyMemory<byte> payload = input.AsMemory(1);
        if (!isBinary && !System.Text.Unicode.Utf8.IsValid(payload.Span))
        {
            return;
        }

        var packets = new List<EnginePacket>();
        while (!payload.IsEmpty && PayloadV3.TryRead(ref payload, isBinary, out var packet))
        {
            // Only messages have bytes when the server writes.
            packets.Add(packet is { IsBinary: true, Type: not EnginePacketType.Message } ? EnginePacket.Noop : Outbound(packet));
        }

        foreach (var base64Only in (bool[])[false, true])
        {
            var output = new ArrayBufferWriter<byte>();
            var asBytes = PayloadV3.Write(packets, base64Only, output);
            payload = output.WrittenMemory;
            foreach (var packet in packets)
            {
                Check(PayloadV3.TryRead(ref payload, asBytes, out var again), "what was written can be read");
                CheckSame(packet, Outbound(again));
            }

            Check(payload.IsEmpty, "nothing is left");
        }
    }

    private static EnginePacket Outbound(InboundPacket packet) =>
        packet.IsBinary ? new EnginePacket(packet.Data, IsBinary: true) : new EnginePacket((byte[])[(byte)packet.Type, .. packet.Data.Span]);

    /// <summary>What the server does with a packet: looks at its name, counts and reads its arguments, and sends them on.</summary>
    private static void Use(SocketIOPacket packet)
    {
        if (packet.Type is not (SocketIOPacketType.Event or SocketIOPacketType.Ack))
        {
            return;
        }

        if (packet.Type == SocketIOPacketType.Event)
        {
            _ = EventName.Read(packet.Data.Span);
        }

        var payload = new SocketIOPayload(packet.Data, packet.Attachments, Serializer, skip: packet.Type == SocketIOPacketType.Event ? 1 : 0);
        for (var i = 0; i < payload.Count; i++)
        {
            foreach (var read in (Action<int>[])[each => payload.Get<byte[]>(each), each => payload.Get<string>(each), each => payload.Get<JsonElement>(each)])
            {
                try
                {
                    read(i);
                }
                catch (JsonException)
                {
                    // Of another type: what an application is told.
                }
            }
        }

        // MessagePack may have a comma in a namespace's name, where the default parser's ends.
        var sent = Serializer.CreatePacket(SocketIOPacketType.Event, packet.Namespace.Replace(',', '.'), packet.Id, "again", [payload]);
        Decode(Default.Encode(sent), sent.Attachments.Length);
    }

    /// <summary>An application may send more attachments than it takes.</summary>
    private static void Decode(SocketIOFrames frames, int attachments)
    {
        var decoder = new DefaultParser(Math.Max(1, attachments), maxDepth: 64).CreateDecoder();
        var result = decoder.Add(frames.First[1..], isBinary: false, out _);
        Check(result == (attachments == 0 ? SocketIODecodeResult.Complete : SocketIODecodeResult.NeedsMore), "what came in can go out");
    }

    private static void CheckSame(SocketIOPacket packet, SocketIOPacket again)
    {
        Check(packet.Type == again.Type && packet.Namespace == again.Namespace && packet.Id == again.Id, "the packet is the same");
        Check(packet.Data.Span.SequenceEqual(again.Data.Span), "its data is the same");
        Check(packet.Attachments.Length == again.Attachments.Length, "no attachment is lost");
        for (var i = 0; i < packet.Attachments.Length; i++)
        {
            Check(packet.Attachments[i].Span.SequenceEqual(again.Attachments[i].Span), "an attachment is the same");
        }
    }

    private static void CheckSame(EnginePacket packet, EnginePacket again) =>
        Check(packet.IsBinary == again.IsBinary && packet.Frame.Span.SequenceEqual(again.Frame.Span), "the packet is the same");

    private static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Expected that {what}.");
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> input)
    {
        while (true)
        {
            var end = input.Span.IndexOf(Separator);
            if (end < 0)
            {
                yield return input;
                yield break;
            }

            yield return input[..end];
            input = input[(end + 1)..];
        }
    }
}
