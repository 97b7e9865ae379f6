using System.Buffers;

namespace StickyAspire.Trunks;

/// <summary>Tells a trunk's frames apart, and deals their data out: to all streams first, and then each is told once, so that it has its part at once, and what they answer goes out together.</summary>
/// <param name="onFrame">Takes each frame's head in, and says whose data follows.</param>
internal sealed class TrunkReader(Func<TrunkFrame, TrunkStream?> onFrame)
{
    /// <summary>Those who have to be told that bytes have come.</summary>
    private readonly List<TrunkStream> _receivers = [];

    private TrunkStream? _receiver;
    private int _dataLeft;

    /// <summary>Takes in what has come.</summary>
    /// <returns>Up to where it was frames; a head that is not whole is left.</returns>
    /// <exception cref="InvalidDataException">There is no such frame, or not here.</exception>
    public SequencePosition Read(in ReadOnlySequence<byte> bytes)
    {
        TrunkWriter.BeginGathering();
        try
        {
            var rest = Take(bytes);
            foreach (var receiver in _receivers)
            {
                receiver.OnDataEnd();
            }

            return rest.Start;
        }
        finally
        {
            _receivers.Clear();
            TrunkWriter.EndGathering(atOnce: true);
        }
    }

    /// <summary>Parts may be empty, the first above all: a pipe whose reader has taken all of a segment goes on with the next.</summary>
    private ReadOnlySequence<byte> Take(ReadOnlySequence<byte> bytes)
    {
        Span<byte> head = stackalloc byte[TrunkFrame.Size];
        while (!bytes.IsEmpty && (_dataLeft > 0 || bytes.Length >= TrunkFrame.Size))
        {
            var position = bytes.Start;
            ReadOnlyMemory<byte> part;
            while (bytes.TryGet(ref position, out part) && part.IsEmpty)
            {
            }

            var taken = Take(part.Span);
            if (taken == 0)
            {
                // A head that begins in one part and ends in another.
                bytes.Slice(0, TrunkFrame.Size).CopyTo(head);
                TakeHead(head);
                taken = TrunkFrame.Size;
            }

            bytes = bytes.Slice(taken);
        }

        return bytes;
    }

    /// <returns>How many bytes were frames; a head that is not whole is left.</returns>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        while (true)
        {
            if (_dataLeft > 0 && !rest.IsEmpty)
            {
                var part = rest[..Math.Min(rest.Length, _dataLeft)];
                if (_receiver?.OnData(part) == true)
                {
                    _receivers.Add(_receiver);
                }

                _dataLeft -= part.Length;
                rest = rest[part.Length..];
            }

            if (rest.Length < TrunkFrame.Size)
            {
                return bytes.Length - rest.Length;
            }

            TakeHead(rest);
            rest = rest[TrunkFrame.Size..];
        }
    }

    private void TakeHead(ReadOnlySpan<byte> bytes)
    {
        var frame = TrunkFrame.Read(bytes);
        _receiver = onFrame(frame);
        _dataLeft = frame.Type == TrunkFrameType.Data ? frame.Value : 0;
    }
}
