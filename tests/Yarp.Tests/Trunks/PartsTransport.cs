using System.Buffers;
using StickyAspire.Trunks;

namespace Yarp.Tests.Trunks;

/// <summary>A connection whose bytes lie in many small parts, as a pipe's may, where each read ends anywhere.</summary>
/// <param name="stream">The connection.</param>
/// <param name="random">For the parts' lengths.</param>
/// <param name="maxPart">The longest.</param>
internal sealed class PartsTransport(Stream stream, Random random, int maxPart) : TrunkTransport
{
    public override async Task ReadAsync(Receiver receiver)
    {
        var unread = Array.Empty<byte>();
        var buffer = new byte[20_000];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            byte[] bytes = [.. unread, .. buffer.AsSpan(0, count)];
            var parts = Split(bytes);
            var rest = parts.Slice(receiver(parts));
            Assert.True(rest.Length < TrunkFrame.Size);
            unread = rest.ToArray();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public override void Abort() => stream.Dispose();

    private ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> bytes)
    {
        var first = new Part(bytes[..random.Next(Math.Min(maxPart, bytes.Length) + 1)], null);
        var last = first;
        for (var start = first.Memory.Length; start < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, maxPart + 1), bytes.Length - start);
            last = new Part(bytes.Slice(start, length), last);
            start += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Part : ReadOnlySequenceSegment<byte>
    {
        public Part(ReadOnlyMemory<byte> memory, Part? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }
}
