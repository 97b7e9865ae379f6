using System.Net;
using System.Net.Sockets;
using StickyAspire.Connections;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>Makes the gateway's own connections to servers.</summary>
internal sealed class ServerConnector(AddressCache addresses, TimeProvider timeProvider)
{
    /// <returns>A connection that never blocks.</returns>
    /// <exception cref="HttpRequestException">The server cannot be reached; with <see cref="TimeoutException"/> inside where that took too long.</exception>
    /// <exception cref="TooManyOpenFilesException">This process can have no more connections.</exception>
    public async Task<Socket> ConnectAsync(Uri uri, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await ConnectAsync(uri, await addresses.ResolveAsync(uri.IdnHost, both.Token), both.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"No connection to {uri.Authority} within {limit}.", new TimeoutException(exception.Message, exception));
        }
        catch (SocketException exception)
        {
            var error = exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                ? HttpRequestError.NameResolutionError
                : HttpRequestError.ConnectionError;
            throw new HttpRequestException(error, $"{exception.Message} ({uri.Authority})", exception);
        }
    }

    /// <summary>One address after another, until one answers.</summary>
    private async Task<Socket> ConnectAsync(Uri uri, IPAddress[] candidates, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var socket = OpenFiles.OfThisProcess.CreateSocket(candidates[i].AddressFamily);
            try
            {
                socket.NoDelay = true;
                await SocketConnector.ConnectAsync(socket, new IPEndPoint(candidates[i], uri.Port), cancellationToken);
                socket.Blocking = false;
                if (i > 0)
                {
                    addresses.Prefer(uri.IdnHost, candidates[i]);
                }

                return socket;
            }
            catch (SocketException) when (i < candidates.Length - 1)
            {
                socket.Dispose();
            }
            catch
            {
                // The server may have moved.
                addresses.Doubt(uri.IdnHost);
                socket.Dispose();
                throw;
            }
        }
    }
}
