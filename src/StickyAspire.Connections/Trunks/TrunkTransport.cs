using System.Buffers;

namespace StickyAspire.Trunks;

/// <summary>The connection that a trunk has. Its owner disposes of it when the trunk has ended.</summary>
internal abstract class TrunkTransport
{
    /// <summary>Takes what has come; what is no whole frame's head is left.</summary>
    /// <param name="bytes">All that has come and was not taken.</param>
    /// <returns>Up to where it was taken.</returns>
    public delegate SequencePosition Receiver(in ReadOnlySequence<byte> bytes);

    /// <summary>Reads until the other end has said its last, or the connection breaks.</summary>
    public abstract Task ReadAsync(Receiver receiver);

    /// <summary>One at a time.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends the connection at once, or does nothing where it has ended.</summary>
    public abstract void Abort();
}
