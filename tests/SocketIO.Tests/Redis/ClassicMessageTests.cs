using System.Text;
using CsCheck;
using MessagePack;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Wire;

namespace SocketIO.Tests.Redis;

public sealed class ClassicMessageTests
{
    [Fact]
    public void Encode_Event_HasNodesShape()
    {
        var packet = new SocketIOPacket(SocketIOPacketType.Event, "/", "[\"hello\",1,{\"_placeholder\":true,\"num\":0}]"u8.ToArray(), [new byte[] { 1, 2 }]);

        var message = ClassicMessage.Encode("FYgMuZ", packet, new BroadcastOptions { Rooms = ["r"], IsVolatile = true });

        var expected = """["FYgMuZ",{"type":2,"data":["hello",1,"AQI="],"nsp":"/"},{"rooms":["r"],"except":[],"flags":{"volatile":true}}]""";
        Assert.Equal(expected, MessagePackSerializer.ConvertToJson(message, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Decode_OwnMessage_IsPassedOver()
    {
        var packet = new SocketIOPacket(SocketIOPacketType.Event, "/", "[\"hello\"]"u8.ToArray());

        Assert.Null(ClassicMessage.Decode(ClassicMessage.Encode("abc", packet, new BroadcastOptions()), "abc", "/"));
    }

    [Fact]
    public void Decode_OtherNamespace_IsPassedOver()
    {
        var packet = new SocketIOPacket(SocketIOPacketType.Event, "/other", "[\"hello\"]"u8.ToArray());

        Assert.Null(ClassicMessage.Decode(ClassicMessage.Encode("abc", packet, new BroadcastOptions()), "xyz", "/"));
    }

    [Fact]
    public void RoundTrip_AnyJson_ComesBack()
    {
        var leaves = Gen.OneOfConst<object?>(null, true, 1, -5, 1.5, 1e300, "text", "é😀\"\\", long.MaxValue, 4_000_000_000L);
        var values = Gen.OneOf(leaves, leaves.Array[0, 4].Select(array => (object?)array), leaves.Array[1, 3].Select(array => (object?)new { a = array, b = array[0] }));
        values.Array[0, 5].Sample(arguments =>
        {
            var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<object?[]>(["event", .. arguments]);
            var options = new BroadcastOptions { Rooms = ["a", "b"], Except = ["c"], Compress = false };
            var packet = new SocketIOPacket(SocketIOPacketType.Event, "/n", json);

            var (decoded, decodedOptions) = ClassicMessage.Decode(ClassicMessage.Encode("abc", packet, options), "xyz", "/n")!.Value;

            Assert.True(System.Text.Json.JsonElement.DeepEquals(
                System.Text.Json.JsonElement.Parse(json), System.Text.Json.JsonElement.Parse(decoded.Data.Span)),
                $"{Encoding.UTF8.GetString(json)} became {Encoding.UTF8.GetString(decoded.Data.Span)}");
            Assert.Equal(options.Rooms, decodedOptions.Rooms);
            Assert.Equal(options.Except, decodedOptions.Except);
            Assert.False(decodedOptions.Compress);
        });
    }
}
