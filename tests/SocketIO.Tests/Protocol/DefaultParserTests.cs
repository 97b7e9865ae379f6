using System.Text;
using CsCheck;
using StickyAspire.SocketIO.Protocol;

namespace SocketIO.Tests.Protocol;

public sealed class DefaultParserTests
{
    private readonly DefaultParser _parser = new(maxAttachments: 10, maxDepth: 64);

    [Theory]
    [InlineData("0", "/", null, "")]
    [InlineData("0/admin,{\"token\":\"x\"}", "/admin", null, "{\"token\":\"x\"}")]
    [InlineData("1/admin,", "/admin", null, "")]
    [InlineData("2[\"hello\",1]", "/", null, "[\"hello\",1]")]
    [InlineData("2/admin,456[\"hello\"]", "/admin", 456L, "[\"hello\"]")]
    [InlineData("3/admin,13[]", "/admin", 13L, "[]")]
    [InlineData("212[\"hello\"]", "/", 12L, "[\"hello\"]")]
    [InlineData("2[1,2]", "/", null, "[1,2]")]
    public void Add_ValidText_GivesThePacket(string text, string @namespace, long? id, string data)
    {
        var result = _parser.CreateDecoder().Add(Encoding.UTF8.GetBytes(text), isBinary: false, out var packet);

        Assert.Equal(SocketIODecodeResult.Complete, result);
        Assert.Equal(@namespace, packet!.Namespace);
        Assert.Equal(id, packet.Id);
        Assert.Equal(data, Encoding.UTF8.GetString(packet.Data.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("a")]
    [InlineData("2")]
    [InlineData("2{}")]
    [InlineData("2[]")]
    [InlineData("2[{}]")]
    [InlineData("2[null]")]
    [InlineData("2[\"hello\"")]
    [InlineData("2[\"hello\"]]")]
    [InlineData("2abc[\"hello\"]")]
    [InlineData("2[\"connect\"]")]
    [InlineData("2[\"disconnecting\"]")]
    [InlineData("2[\"newListener\"]")]
    [InlineData("2[\"\\u0063onnect\"]")]
    [InlineData("299999999999999999999[\"hello\"]")]
    [InlineData("0[]")]
    [InlineData("0\"text\"")]
    [InlineData("1{}")]
    [InlineData("3{}")]
    [InlineData("5[\"hello\"]")]
    [InlineData("50-[\"hello\"]")]
    [InlineData("5-[\"hello\"]")]
    [InlineData("5+1-[\"hello\"]")]
    [InlineData("511-[\"hello\"]")]
    [InlineData("599999999999-[\"hello\"]")]
    [InlineData("51-[\"hello\",{\"_placeholder\":true,\"num\":1}]")]
    [InlineData("51-[\"hello\",{\"_placeholder\":true,\"num\":-1}]")]
    [InlineData("51-[\"hello\",{\"_placeholder\":true,\"num\":\"splice\"}]")]
    [InlineData("51-[\"hello\",{\"_placeholder\":true}]")]
    public void Add_BrokenText_IsInvalid(string text) =>
        Assert.Equal(SocketIODecodeResult.Invalid, _parser.CreateDecoder().Add(Encoding.UTF8.GetBytes(text), isBinary: false, out _));

    [Fact]
    public void Add_DeepJson_IsInvalid()
    {
        var text = "2[\"deep\"," + new string('[', 100_000) + new string(']', 100_000) + "]";

        Assert.Equal(SocketIODecodeResult.Invalid, _parser.CreateDecoder().Add(Encoding.UTF8.GetBytes(text), isBinary: false, out _));
    }

    [Fact]
    public void Add_BytesThatNobodyAnnounced_AreInvalid() =>
        Assert.Equal(SocketIODecodeResult.Invalid, _parser.CreateDecoder().Add(new byte[] { 1 }, isBinary: true, out _));

    [Fact]
    public void Add_TextWhereAttachmentsAreAwaited_IsInvalid()
    {
        var decoder = _parser.CreateDecoder();
        Assert.Equal(SocketIODecodeResult.NeedsMore, decoder.Add("51-[\"hello\",{\"_placeholder\":true,\"num\":0}]"u8.ToArray(), isBinary: false, out _));

        Assert.Equal(SocketIODecodeResult.Invalid, decoder.Add("2[\"hello\"]"u8.ToArray(), isBinary: false, out _));
    }

    [Fact]
    public void Encode_EventInANamespace_BeginsWithTheEngineDigit()
    {
        var packet = new SocketIOPacket(SocketIOPacketType.Event, "/admin", "[\"hello\"]"u8.ToArray(), id: 7);

        Assert.Equal("42/admin,7[\"hello\"]", Encoding.UTF8.GetString(_parser.Encode(packet).First.Span));
    }

    [Fact]
    public void RoundTrip_AnyPacket_ComesBack()
    {
        var names = Gen.OneOfConst("/", "/admin", "/é√");
        var ids = Gen.OneOf(Gen.Const((long?)null), Gen.Long[0, long.MaxValue].Select(id => (long?)id));
        var texts = Gen.String.Where(text => !ReservedEvents.Contains(text));
        var attachments = Gen.Byte.Array[0, 50].Array[0, 10];
        Gen.Select(names, ids, texts, attachments).Sample((name, id, text, bytes) =>
        {
            var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<object[]>([text, 1.5, new { nested = text }]);
            var packet = new SocketIOPacket(SocketIOPacketType.Event, name, json, [.. bytes.Select(each => (ReadOnlyMemory<byte>)each)], id);
            var frames = _parser.Encode(packet);
            var decoder = _parser.CreateDecoder();
            var result = decoder.Add(frames.First[1..], isBinary: false, out var decoded);
            foreach (var attachment in frames.Attachments)
            {
                Assert.Equal(SocketIODecodeResult.NeedsMore, result);
                result = decoder.Add(attachment, isBinary: true, out decoded);
            }

            Assert.Equal(SocketIODecodeResult.Complete, result);
            Assert.Equal(packet.Type, decoded!.Type);
            Assert.Equal(name, decoded.Namespace);
            Assert.Equal(id, decoded.Id);
            Assert.Equal(json, decoded.Data.ToArray());
            Assert.Equal(bytes, decoded.Attachments.Select(each => each.ToArray()));
        });
    }

    [Fact]
    public void Add_AnyBytes_NeverThrows() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            _parser.CreateDecoder().Add(bytes, isBinary: false, out _);
        });

    [Fact]
    public void Add_AlmostValidText_NeverThrows()
    {
        var pieces = Gen.OneOfConst("0", "2", "5", "6", "1-", "2-", "/admin", ",", "12", "[", "]", "{", "}", "\"a\"", "\"_placeholder\":true", ",", ":", "\"num\":0", "null", "-1", "\\u", "é");
        pieces.Array[1, 20].Select(string.Concat).Sample(text =>
        {
            _parser.CreateDecoder().Add(Encoding.UTF8.GetBytes(text), isBinary: false, out _);
        });
    }
}
