using System.Net.Sockets;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>A tunnel's connection to a server: a socket that never blocks, or what behaves like one. Errors are a socket's: one that is disposed throws <see cref="ObjectDisposedException"/>.</summary>
internal abstract class ServerConnection : IDisposable
{
    /// <summary>Whether the server has ended the connection, though what it sent before may not have been taken yet. A socket knows only of a broken one: an end that comes behind bytes is not seen before those are taken.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Sends what can be sent now.</summary>
    /// <returns>How many bytes.</returns>
    public abstract int Send(ReadOnlySpan<byte> bytes, out SocketError error);

    /// <summary>Sends what can be sent as soon as anything can.</summary>
    /// <exception cref="SocketException">Nothing can be sent any more.</exception>
    public abstract ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Takes what has come.</summary>
    /// <returns>How many bytes; with <see cref="SocketError.Success"/> 0 is the end.</returns>
    public abstract int Receive(Span<byte> bytes, out SocketError error);

    /// <summary>Waits until something has come or the end has, and takes it.</summary>
    /// <returns>How many bytes: 0 at the end, or where there is no room for any.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Tells the server that no more comes.</summary>
    public abstract void ShutdownSend();

    public abstract void Dispose();
}
