using System.Buffers;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>A pooled buffer for the heads of a handshake: the request is written into it, then the answer read. What is filled and not yet consumed is <see cref="Unread"/>.</summary>
internal sealed class HeadBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialSize = 4096;

    private byte[] _array = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _start;
    private int _end;

    public ReadOnlyMemory<byte> Unread => _array.AsMemory(_start, _end - _start);

    public int UnreadLength => _end - _start;

    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    public void Advance(int count) => _end += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureSpace(Math.Max(sizeHint, 1));
        return _array.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Gives the memory back. May be called twice.</summary>
    public void Dispose()
    {
        var array = _array;
        _array = [];
        _start = _end = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void EnsureSpace(int size)
    {
        if (_array.Length - _end >= size)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_array.Length * 2, UnreadLength + size));
        Unread.CopyTo(larger);
        _end = UnreadLength;
        _start = 0;
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
