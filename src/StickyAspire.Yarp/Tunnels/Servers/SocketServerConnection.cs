using System.Net.Sockets;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>A connection of the tunnel's own.</summary>
/// <param name="socket">Connected, and not blocking.</param>
internal sealed class SocketServerConnection(Socket socket) : ServerConnection
{
    public override int Send(ReadOnlySpan<byte> bytes, out SocketError error) => socket.Send(bytes, SocketFlags.None, out error);

    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => socket.SendAsync(bytes, SocketFlags.None, cancellationToken);

    public override int Receive(Span<byte> bytes, out SocketError error) => socket.Receive(bytes, SocketFlags.None, out error);

    public override ValueTask<int> ReceiveAsync(Memory<byte> bytes, CancellationToken cancellationToken = default) => socket.ReceiveAsync(bytes, SocketFlags.None, cancellationToken);

    public override void ShutdownSend() => socket.Shutdown(SocketShutdown.Send);

    public override void Dispose() => socket.Dispose();
}
