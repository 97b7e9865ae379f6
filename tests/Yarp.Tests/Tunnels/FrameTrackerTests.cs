using System.Buffers.Binary;
using StickyAspire.Yarp.Tunnels;

namespace Yarp.Tests.Tunnels;

public sealed class FrameTrackerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void Frames_OfEverySizeInPiecesOfEverySize_EndWhereTheyEnd(int piece)
    {
        var tracker = default(FrameTracker);
        foreach (var size in (int[])[0, 1, 125, 126, 127, 65535, 65536, 70000])
        {
            foreach (var masked in (bool[])[false, true])
            {
                var frame = Frame(0x2, size, masked);
                for (var start = 0; start < frame.Length; start += Math.Min(piece, frame.Length))
                {
                    Assert.Equal(start == 0, tracker.AtBoundary);
                    tracker.Track(frame.AsSpan(start, Math.Min(piece, frame.Length - start)));
                }

                Assert.True(tracker.AtBoundary);
            }
        }

        Assert.False(tracker.CloseSeen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CloseFrame_IsSeenAtItsEndOnly(bool masked)
    {
        var tracker = default(FrameTracker);
        var frame = Frame(0x8, 2, masked);

        tracker.Track([.. Frame(0x1, 10, masked), .. frame.AsSpan(0, frame.Length - 1)]);
        Assert.False(tracker.CloseSeen);

        tracker.Track(frame.AsSpan(frame.Length - 1));
        Assert.True(tracker.CloseSeen);
        Assert.True(tracker.AtBoundary);
    }

    [Fact]
    public void FramesOfOurOwn_AreFramesOfTheProtocol()
    {
        var frame = new byte[CloseFrame.Size];
        CloseFrame.Write(frame, 1001);
        Assert.Equal([0x88, 2, 0x03, 0xE9], frame);

        var masked = new byte[CloseFrame.MaskedSize];
        CloseFrame.WriteMasked(masked, 1001);
        Assert.Equal([0x88, 0x82], masked[..2]);
        Assert.Equal([0x03, 0xE9], (byte[])[(byte)(masked[6] ^ masked[2]), (byte)(masked[7] ^ masked[3])]);
    }

    internal static byte[] Frame(byte opcode, int size, bool masked)
    {
        var mask = masked ? 0x80 : 0;
        byte[] length;
        if (size < 126)
        {
            length = [(byte)(mask | size)];
        }
        else if (size <= ushort.MaxValue)
        {
            length = [(byte)(mask | 126), 0, 0];
            BinaryPrimitives.WriteUInt16BigEndian(length.AsSpan(1), (ushort)size);
        }
        else
        {
            length = [(byte)(mask | 127), .. new byte[8]];
            BinaryPrimitives.WriteUInt64BigEndian(length.AsSpan(1), (ulong)size);
        }

        return [(byte)(0x80 | opcode), .. length, .. masked ? new byte[4] : [], .. new byte[size]];
    }
}
