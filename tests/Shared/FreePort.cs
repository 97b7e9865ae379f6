using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StickyAspire.TestSupport;

/// <summary>
/// A port for a program that is told its number, or that nobody shall listen on. Kept from everybody else by a socket that is bound to it and does not listen: whoever sets <c>SO_REUSEADDR</c>, as .NET,
/// Node, Redis and HAProxy do, gets it all the same. (On Linux; elsewhere it is only found.)
/// </summary>
internal static class FreePort
{
    /// <summary>Until the tests' process ends.</summary>
    private static readonly ConcurrentBag<Socket> Kept = [];

    public static int Take()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        if (OperatingSystem.IsLinux())
        {
            Kept.Add(socket);
        }
        else
        {
            socket.Dispose();
        }

        return port;
    }
}
