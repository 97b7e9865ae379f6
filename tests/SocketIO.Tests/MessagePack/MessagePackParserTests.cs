using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MessagePack;
using StickyAspire.SocketIO.MessagePack;
using StickyAspire.SocketIO.Protocol;

namespace SocketIO.Tests.MessagePack;

public sealed class MessagePackParserTests
{
    private readonly MessagePackParser _parser = new(maxDepth: 64);

    [Fact]
    public void Packet_ComesBackAsItWas() =>
        Gen.Select(Gen.Int[0, 4], Json, Gen.Long[0, long.MaxValue].Nullable(), Gen.Byte.Array[0, 50].Array[0, 3]).Sample((kind, content, id, blobs) =>
        {
            var data = kind switch
            {
                0 => "{\"auth\":" + content + "}",
                1 => "",
                2 => WithPlaceholders($"[\"event\",{content}", blobs.Length),
                3 => WithPlaceholders($"[{content}", blobs.Length),
                _ => "{\"message\":\"no\"}",
            };
            var attachments = kind is 2 or 3 ? blobs.Select(blob => (ReadOnlyMemory<byte>)blob).ToArray() : [];
            var packet = new SocketIOPacket((SocketIOPacketType)kind, "/żółć", Encoding.UTF8.GetBytes(data), attachments, id);

            var frames = _parser.Encode(packet);
            var result = _parser.CreateDecoder().Add(frames.First, frames.IsBinary, out var decoded);

            return result == SocketIODecodeResult.Complete && decoded!.Type == packet.Type && decoded.Namespace == packet.Namespace && decoded.Id == id
                && (data.Length == 0 ? decoded.Data.IsEmpty : JsonNode.DeepEquals(JsonNode.Parse(data), JsonNode.Parse(decoded.Data.Span)))
                && decoded.Attachments.Select(each => Convert.ToHexString(each.Span)).SequenceEqual(blobs.Take(attachments.Length).Select(Convert.ToHexString));
        });

    [Fact]
    public void HostileBytes_AreInvalid_AndThrowNothing() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            _parser.CreateDecoder().Add(bytes, isBinary: true, out _);
        });

    [Fact]
    public void MutatedPackets_ThrowNothing()
    {
        var valid = _parser.Encode(new SocketIOPacket(SocketIOPacketType.Event, "/", """["event",{"a":[1,2.5,null,"text"]}]"""u8.ToArray(), id: 5)).First.ToArray();

        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length]).Sample((at, value, length) =>
        {
            var bytes = valid.ToArray();
            bytes[at] = value;
            _parser.CreateDecoder().Add(bytes.AsMemory(0, length), isBinary: true, out _);
        });
    }

    [Theory]
    [InlineData("""{"type":2,"nsp":"/"}""")]
    [InlineData("""{"type":2,"nsp":"/","data":[]}""")]
    [InlineData("""{"type":2,"nsp":"/","data":["connect"]}""")]
    [InlineData("""{"type":2,"nsp":"/","data":{"0":"event"}}""")]
    [InlineData("""{"type":2,"nsp":5,"data":["event"]}""")]
    [InlineData("""{"type":2,"data":["event"]}""")]
    [InlineData("""{"type":5,"nsp":"/","data":["event"]}""")]
    [InlineData("""{"type":-1,"nsp":"/","data":["event"]}""")]
    [InlineData("""{"type":0,"nsp":"/","data":[]}""")]
    [InlineData("""{"type":3,"nsp":"/","data":"text"}""")]
    [InlineData("""{"type":1,"nsp":"/","data":{}}""")]
    [InlineData("""["type"]""")]
    public void WrongPacket_IsInvalid(string json) =>
        Assert.Equal(SocketIODecodeResult.Invalid, _parser.CreateDecoder().Add(MessagePackSerializer.ConvertFromJson(json, cancellationToken: TestContext.Current.CancellationToken), isBinary: true, out _));

    [Fact]
    public void Nesting_IsBounded()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 70)) + string.Concat(Enumerable.Repeat("]", 70));

        var bytes = MessagePackSerializer.ConvertFromJson("{\"type\":2,\"nsp\":\"/\",\"data\":[\"event\"," + deep + "]}", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SocketIODecodeResult.Invalid, _parser.CreateDecoder().Add(bytes, isBinary: true, out _));
    }

    [Fact]
    public void Text_IsInvalid() => Assert.Equal(SocketIODecodeResult.Invalid, _parser.CreateDecoder().Add("0"u8.ToArray(), isBinary: false, out _));

    private static Gen<string> Json { get; } = Gen.OneOf(
        Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Bool.Select(flag => flag ? "true" : "null"),
        Gen.String[Gen.Char['\u0020', '\ud7ff'], 0, 20].Select(text => JsonValue.Create(text).ToJsonString()),
        Gen.Const("""{"a":{"b":[1.5,[],{}]},"":""}"""));

    private static string WithPlaceholders(string start, int count)
    {
        var result = new StringBuilder(start);
        for (var i = 0; i < count; i++)
        {
            result.Append(System.Globalization.CultureInfo.InvariantCulture, $",{{\"_placeholder\":true,\"num\":{i}}}");
        }

        return result.Append(']').ToString();
    }
}
