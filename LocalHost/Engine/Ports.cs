using System.Net;
using System.Net.Sockets;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>
/// Finds ports for everything that asks for one, and keeps them for it: a gateway that waits for its replicas begins to listen seconds later, and a process that died should find its port again. On Linux a port
/// is kept by a socket that is bound to it and never listens: nobody gets the port by chance any more, and a program that asks for it by its number does, since .NET and Redis set <c>SO_REUSEADDR</c>.
/// Elsewhere that would shut them out too, and ports are only found.
/// </summary>
internal sealed class Ports : IDisposable
{
    private const int MaxTries = 100;

    private static readonly IPAddress[] Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    private readonly List<Socket> _kept = [];
    private readonly HashSet<int> _given = [];

    /// <summary>A port that is free at both of this machine's own addresses, and no other that this has given.</summary>
    /// <exception cref="LocalHostException">There is none.</exception>
    public int TakeFree()
    {
        for (var tries = 1; ; tries++)
        {
            var port = 0;
            var sockets = new List<Socket>();
            try
            {
                foreach (var address in Addresses.Where(address => Socket.OSSupportsIPv6 || address.AddressFamily == AddressFamily.InterNetwork))
                {
                    var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    sockets.Add(socket);
                    socket.Bind(new IPEndPoint(address, port));
                    port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                }
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable && port != 0)
            {
                // A machine that knows IPv6 and has no address of it.
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                port = 0;
            }

            if (OperatingSystem.IsLinux() && port != 0)
            {
                _kept.AddRange(sockets);
            }
            else
            {
                sockets.ForEach(socket => socket.Dispose());
            }

            if (port != 0 && _given.Add(port))
            {
                return port;
            }

            if (tries == MaxTries)
            {
                throw new LocalHostException($"No port was found in {MaxTries} tries that is free at both 127.0.0.1 and [::1]: too many are in use.");
            }
        }
    }

    /// <summary>Whether nobody listens on a port of either of this machine's own addresses.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            foreach (var address in Addresses)
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }

            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            // A machine without IPv6.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _kept.ForEach(socket => socket.Dispose());
}
