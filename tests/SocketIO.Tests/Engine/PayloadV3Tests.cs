using System.Buffers;
using System.Text;
using CsCheck;
using StickyAspire.SocketIO.Engine;

namespace SocketIO.Tests.Engine;

public sealed class PayloadV3Tests
{
    [Fact]
    public void Write_Text_CountsUtf16Units()
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.False(PayloadV3.Write([new("4é😀"u8.ToArray()), new("2"u8.ToArray())], base64Only: true, output));

        Assert.Equal("4:4é😀1:2", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("5:4abc")]
    [InlineData("0:")]
    [InlineData("-1:4")]
    [InlineData("x")]
    [InlineData("99999999999:4a")]
    [InlineData("3:b4!")]
    [InlineData("1:b")]
    public void TryRead_BrokenText_IsFalse(string text)
    {
        ReadOnlyMemory<byte> payload = Encoding.UTF8.GetBytes(text);

        Assert.False(PayloadV3.TryRead(ref payload, isBinary: false, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RoundTrip_AnyPackets_ComeBack(bool base64Only)
    {
        var texts = Gen.String.Select(text => new EnginePacket(Encoding.UTF8.GetBytes("4" + text)));
        var binaries = Gen.Byte.Array[0, 100].Select(bytes => new EnginePacket(bytes, IsBinary: true));
        Gen.OneOf(texts, binaries).List[1, 10].Sample(packets =>
        {
            var output = new ArrayBufferWriter<byte>();
            var asBytes = PayloadV3.Write(packets, base64Only, output);
            var payload = output.WrittenMemory;
            foreach (var packet in packets)
            {
                Assert.True(PayloadV3.TryRead(ref payload, asBytes, out var read));
                Assert.Equal(packet.IsBinary, read.IsBinary);
                Assert.Equal(packet.IsBinary ? packet.Frame.ToArray() : packet.Frame[1..].ToArray(), read.Data.ToArray());
            }

            Assert.True(payload.IsEmpty);
        });
    }

    [Fact]
    public void TryRead_AnyBytes_NeverThrows() =>
        Gen.Select(Gen.Byte.Array[1, 100], Gen.Bool).Sample((bytes, isBinary) =>
        {
            ReadOnlyMemory<byte> payload = bytes;
            while (!payload.IsEmpty && PayloadV3.TryRead(ref payload, isBinary, out _))
            {
            }
        });
}
