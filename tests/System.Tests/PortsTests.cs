using System.Net;
using System.Net.Sockets;
using StickyAspire.LocalHosting.Engine;

namespace StickyAspire.SystemTests;

/// <summary>LocalHost's ports between being found and being listened on.</summary>
public sealed class PortsTests
{
    [Fact]
    public void TakeFree_GivesNoPortTwice()
    {
        using var ports = new Ports();

        var given = Enumerable.Range(0, 50).Select(_ => ports.TakeFree()).ToList();

        Assert.Equal(given.Count, given.Distinct().Count());
    }

    [Fact]
    public void KeptPort_IsForWhoeverAsksByNumber_AndForNobodyElse()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lets a port be kept so.");
        int port;
        using (var ports = new Ports())
        {
            port = ports.TakeFree();

            // As the kernel sees who asks for any port: without SO_REUSEADDR, which .NET sets for TCP by name.
            using var other = CreatePlainSocket();
            var exception = Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Loopback, port)));
            Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);

            using var owner = new TcpListener(IPAddress.Loopback, port);
            owner.Start();
        }

        using var afterwards = CreatePlainSocket();
        afterwards.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    private static Socket CreatePlainSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
}
