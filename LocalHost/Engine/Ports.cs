using System.Net;
using System.Net.Sockets;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>Finds ports for everything that asks for one.</summary>
internal static class Ports
{
    /// <summary>Gives each project its port; all free ones are found at once, so that no two get the same.</summary>
    /// <exception cref="LocalHostException">A fixed port is in use.</exception>
    public static void Assign(IReadOnlyList<ProjectResource> projects, int? gatewayPort)
    {
        var free = GetFree(projects.Count);
        for (var i = 0; i < projects.Count; i++)
        {
            var project = projects[i];
            var wanted = project.FixedPort is null ? 0 : gatewayPort ?? project.FixedPort.Value;
            if (wanted != 0 && !IsFree(wanted))
            {
                throw new LocalHostException($"Port {wanted}, for '{project.Name}', is in use. Free it, or choose another with --port.");
            }

            project.Port = wanted != 0 ? wanted : free[i];
        }
    }

    public static int[] GetFree(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            return Array.ConvertAll(listeners, listener =>
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            });
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
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
}
