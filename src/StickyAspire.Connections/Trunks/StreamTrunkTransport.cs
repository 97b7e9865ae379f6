using System.Buffers;

namespace StickyAspire.Trunks;

/// <summary>A trunk's connection as a stream.</summary>
/// <param name="stream">The stream.</param>
/// <param name="abort">Ends it at once.</param>
internal sealed class StreamTrunkTransport(Stream stream, Action abort) : TrunkTransport
{
    private const int ReadSize = 64 * 1024;

    public override async Task ReadAsync(Receiver receiver)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(ReadSize, pinned: true);
        var length = 0;
        while (await stream.ReadAsync(buffer.AsMemory(length)) is > 0 and var count)
        {
            length += count;
            var taken = receiver(new ReadOnlySequence<byte>(buffer, 0, length)).GetInteger();
            buffer.AsSpan(taken, length - taken).CopyTo(buffer);
            length -= taken;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public override void Abort() => abort();
}
