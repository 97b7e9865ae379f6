using System.Buffers;

namespace StickyAspire.Trunks;

/// <summary>
/// Bytes that wait for a reader, in one pooled array; without any while there are none. What the reader has been lent stays where it is until it says what it has taken, though more may come meanwhile. Guarded by its owner.
/// </summary>
internal struct TrunkBuffer
{
    private byte[]? _array;

    /// <summary>An array that was too small for what came while the reader had it.</summary>
    private byte[]? _outgrown;
    private int _start;

    public int Length { get; private set; }

    public readonly ReadOnlySequence<byte> Content => new(_array ?? [], _start, Length);

    /// <summary>Adds what has come.</summary>
    /// <param name="data">It.</param>
    /// <param name="isLent">Whether the reader has <see cref="Content"/> and has not said what it has taken.</param>
    public void Add(ReadOnlySpan<byte> data, bool isLent)
    {
        if ((_array?.Length ?? 0) - _start - Length < data.Length)
        {
            Grow(data.Length, isLent);
        }

        data.CopyTo(_array.AsSpan(_start + Length));
        Length += data.Length;
    }

    /// <summary>The reader has taken so much of what it was lent, and has no part of it any more.</summary>
    public void Take(int count)
    {
        _start += count;
        Length = Math.Max(0, Length - count);
        if (_outgrown is not null)
        {
            ArrayPool<byte>.Shared.Return(_outgrown);
            _outgrown = null;
        }

        if (Length == 0)
        {
            ReturnArray();
        }
    }

    /// <summary>Nobody reads any more. What is lent goes when it is taken.</summary>
    public void Clear(bool isLent)
    {
        Length = 0;
        if (!isLent)
        {
            ReturnArray();
        }
    }

    private void Grow(int size, bool isLent)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Length + size);
        _array.AsSpan(_start, Length).CopyTo(larger);
        if (isLent && _outgrown is null)
        {
            _outgrown = _array;
        }
        else
        {
            // What is lent, if anything, is in the one that was outgrown first; nobody has this one.
            ReturnArray();
        }

        (_array, _start) = (larger, 0);
    }

    private void ReturnArray()
    {
        if (_array is not null)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        (_array, _start) = (null, 0);
    }
}
