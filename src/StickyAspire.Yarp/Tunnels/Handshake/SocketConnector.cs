using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>
/// Connects sockets by pooled arguments. A socket would keep those it makes for itself, and whatever the cancellation token hangs on, for as long as the tunnel lives.
/// </summary>
internal static class SocketConnector
{
    private const int MaxPooled = 64;

    private static readonly ConcurrentQueue<ConnectArgs> Pool = [];

    /// <exception cref="SocketException">It did not work.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public static async Task ConnectAsync(Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
    {
        var args = Pool.TryDequeue(out var pooled) ? pooled : new ConnectArgs();
        try
        {
            await args.ConnectAsync(socket, endPoint, cancellationToken);
        }
        finally
        {
            args.Clear();
            if (Pool.Count < MaxPooled)
            {
                Pool.Enqueue(args);
            }
            else
            {
                args.Dispose();
            }
        }
    }

    private sealed class ConnectArgs : SocketAsyncEventArgs
    {
        private TaskCompletionSource? _done;

        public async Task ConnectAsync(Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
        {
            // Who hears of it goes on with it: a socket's thread where sockets are inline, else one of the pool's.
            _done = new TaskCompletionSource();
            RemoteEndPoint = endPoint;
            if (socket.ConnectAsync(this))
            {
                await using (cancellationToken.UnsafeRegister(static args => Socket.CancelConnectAsync((ConnectArgs)args!), this))
                {
                    await _done.Task;
                }
            }

            if (SocketError != SocketError.Success)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new SocketException((int)SocketError);
            }
        }

        public void Clear()
        {
            RemoteEndPoint = null;
            _done = null;
        }

        protected override void OnCompleted(SocketAsyncEventArgs e) => _done!.TrySetResult();
    }
}
