using System.Buffers;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>The sockets that a broadcast goes to, as they were at one moment, in a rented array.</summary>
internal ref struct SocketBatch(SocketIOSocket[] array, int count)
{
    private SocketIOSocket[]? _array = array;

    public readonly ReadOnlySpan<SocketIOSocket> Sockets => _array.AsSpan(0, count);

    public void Dispose()
    {
        if (_array is { } array)
        {
            _array = null;
            ArrayPool<SocketIOSocket>.Shared.Return(array, clearArray: true);
        }
    }
}
