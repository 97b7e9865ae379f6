using System.Buffers;
using System.Text;
using CsCheck;
using StickyAspire.SocketIO.Engine;

namespace SocketIO.Tests.Engine;

public sealed class PayloadV4Tests
{
    [Fact]
    public void Write_TextAndBinary_AreJoinedByTheRecordSeparator()
    {
        var output = new ArrayBufferWriter<byte>();
        List<EnginePacket> packets = [new("4hello"u8.ToArray()), new("2"u8.ToArray()), new(new byte[] { 1, 2, 3, 4 }, IsBinary: true)];

        PayloadV4.Write(packets, output);

        Assert.Equal("4hello\u001e2\u001ebAQIDBA==", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal(output.WrittenCount, PayloadV4.GetLength(packets));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("7")]
    [InlineData("4a\u001e")]
    [InlineData("\u001e4a")]
    [InlineData("bnot base64!")]
    public void TryRead_BrokenPayload_EndsInFalse(string text)
    {
        ReadOnlyMemory<byte> payload = Encoding.UTF8.GetBytes(text);
        var read = true;
        while (read && !payload.IsEmpty)
        {
            read = PayloadV4.TryRead(ref payload, out _);
        }

        Assert.False(read);
    }

    [Fact]
    public void RoundTrip_AnyPackets_ComeBack()
    {
        // The separator cannot stand in a text: JSON escapes it.
        var texts = Gen.String.Where(text => !text.Contains('\u001e')).Select(text => new EnginePacket(Encoding.UTF8.GetBytes("4" + text)));
        var binaries = Gen.Byte.Array[0, 100].Select(bytes => new EnginePacket(bytes, IsBinary: true));
        Gen.OneOf(texts, binaries).List[1, 10].Sample(packets =>
        {
            var output = new ArrayBufferWriter<byte>();
            PayloadV4.Write(packets, output);
            var payload = output.WrittenMemory;
            foreach (var packet in packets)
            {
                Assert.True(PayloadV4.TryRead(ref payload, out var read));
                Assert.Equal(packet.IsBinary, read.IsBinary);
                Assert.Equal(packet.IsBinary ? packet.Frame.ToArray() : packet.Frame[1..].ToArray(), read.Data.ToArray());
            }

            Assert.True(payload.IsEmpty);
        });
    }
}
