using System.Net;
using System.Net.Sockets;

namespace StickyAspire.SystemTests.Running;

/// <summary>A port that nobody listens on.</summary>
internal static class FreePort
{
    public static int Get()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
