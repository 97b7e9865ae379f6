namespace StickyAspire.SocketIO;

/// <summary>A socket's emits with flags. Immutable.</summary>
internal sealed class SocketEmitter(SocketIOSocket socket, bool isVolatile, bool compress, TimeSpan? timeout) : ISocketEmitter
{
    public ISocketEmitter Volatile => new SocketEmitter(socket, true, compress, timeout);

    public ISocketEmitter Compress(bool compress) => new SocketEmitter(socket, isVolatile, compress, timeout);

    public ISocketEmitter Timeout(TimeSpan timeout) => new SocketEmitter(socket, isVolatile, compress, timeout);

    public ValueTask EmitAsync(string eventName, params object?[] arguments) => socket.EmitAsync(eventName, arguments, isVolatile, compress);

    public Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] arguments) => socket.EmitWithAckAsync<T>(eventName, arguments, compress, timeout);
}
