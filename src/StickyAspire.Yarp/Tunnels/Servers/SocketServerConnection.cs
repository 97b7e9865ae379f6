using System.Net.Sockets;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>A connection of the tunnel's own.</summary>
/// <param name="socket">Connected, and not blocking.</param>
internal sealed class SocketServerConnection(Socket socket) : ServerConnection
{
    private bool _isBroken;

    public override bool HasEnded
    {
        get
        {
            try
            {
                // Who has sent since has been told of it, and the socket tells only once.
                return Volatile.Read(ref _isBroken) || socket.Poll(0, SelectMode.SelectError);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    public override int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        var sent = socket.Send(bytes, SocketFlags.None, out error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            Volatile.Write(ref _isBroken, true);
        }

        return sent;
    }

    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => socket.SendAsync(bytes, SocketFlags.None, cancellationToken);

    public override int Receive(Span<byte> bytes, out SocketError error) => socket.Receive(bytes, SocketFlags.None, out error);

    public override ValueTask<int> ReceiveAsync(Memory<byte> bytes, CancellationToken cancellationToken = default) => socket.ReceiveAsync(bytes, SocketFlags.None, cancellationToken);

    public override void ShutdownSend() => socket.Shutdown(SocketShutdown.Send);

    public override void Dispose() => socket.Dispose();
}
