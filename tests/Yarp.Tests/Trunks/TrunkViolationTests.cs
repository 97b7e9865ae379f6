using StickyAspire.Trunks;

namespace Yarp.Tests.Trunks;

/// <summary>What a trunk does with a peer that does not keep to the protocol: it ends, and says why.</summary>
public sealed class TrunkViolationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("01 000000 00000001", "no bytes of a stream that is not open do harm, so this one goes on")]
    [InlineData("00 000000 00000001, 00 000000 00000001", "Stream 1 cannot be opened.")]
    [InlineData("00 000000 00000002, 00 000000 00000001", "Stream 1 cannot be opened.")]
    [InlineData("00 000000 00000000", "Stream 0 cannot be opened.")]
    [InlineData("00 000000 00000001, 02 000001 00000001", "Stream 1 was given credit for more than it has sent.")]
    [InlineData("09 000000 00000001", "A trunk has no frame of type 9.")]
    [InlineData("FF FFFFFF FFFFFFFF", "A trunk has no frame of type 255.")]
    public async Task Frames_ThatCannotBe_EndTheTrunk(string frames, string message)
    {
        var (one, other) = await TrunkPair.ConnectAsync();
        using var _ = one;
        var trunk = new Trunk(new StreamTrunkTransport(other, other.Dispose), _ => { }, inline: true, TimeProvider.System);
        var end = trunk.RunAsync();

        await one.WriteAsync(Convert.FromHexString(frames.Replace(" ", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal)), Cancellation);
        if (message.EndsWith("goes on", StringComparison.Ordinal))
        {
            one.Close();
            Assert.Null(await end.WaitAsync(Cancellation));
            return;
        }

        Assert.Equal(message, Assert.IsType<InvalidDataException>(await end.WaitAsync(Cancellation)).Message);
    }

    [Fact]
    public async Task MoreThanAWindow_EndsTheTrunk()
    {
        var (one, other) = await TrunkPair.ConnectAsync();
        using var _ = one;
        var trunk = new Trunk(new StreamTrunkTransport(other, other.Dispose), _ => { }, inline: true, TimeProvider.System);
        var end = trunk.RunAsync();

        await WriteAsync(new TrunkFrame(TrunkFrameType.Open, 0, 1), 0);
        await WriteAsync(new TrunkFrame(TrunkFrameType.Data, TrunkProtocol.Window + 1, 1), TrunkProtocol.Window + 1);

        Assert.IsType<InvalidDataException>(await end.WaitAsync(Cancellation));

        async Task WriteAsync(TrunkFrame frame, int data)
        {
            var bytes = new byte[TrunkFrame.Size + data];
            frame.Write(bytes);
            await one.WriteAsync(bytes, Cancellation);
        }
    }

    [Fact]
    public async Task ServerThatOpensStreams_EndsTheTrunk()
    {
        var (one, other) = await TrunkPair.ConnectAsync();
        using var _ = one;
        var trunk = new Trunk(new StreamTrunkTransport(other, other.Dispose), null, inline: true, TimeProvider.System);
        var end = trunk.RunAsync();

        await one.WriteAsync(Convert.FromHexString("0000000000000001"), Cancellation);

        Assert.IsType<InvalidDataException>(await end.WaitAsync(Cancellation));
    }

    [Theory]
    [InlineData(0, 0, 0u)]
    [InlineData(8, TrunkFrame.MaxValue, uint.MaxValue)]
    [InlineData(1, 70_000, 65_537u)]
    public void Frame_IsReadAsItWasWritten(int type, int value, uint stream)
    {
        var frame = new TrunkFrame((TrunkFrameType)type, value, stream);
        var bytes = new byte[TrunkFrame.Size];
        frame.Write(bytes);
        Assert.Equal(frame, TrunkFrame.Read(bytes));
    }
}
