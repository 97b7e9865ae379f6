using System.Net.Sockets;
using System.Text;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>An HTTP request written by hand, so that it can stop half way.</summary>
internal sealed class RawRequest : IDisposable
{
    private readonly TcpClient _tcp = new();

    private RawRequest()
    {
    }

    /// <summary>Sends the head of a POST and the beginning of its body.</summary>
    public static async Task<RawRequest> StartPostAsync(Uri url, int contentLength, string bodySoFar)
    {
        var request = new RawRequest();
        using var deadline = Deadline.Start();
        await request._tcp.ConnectAsync(url.Host, url.Port, deadline.Token);
        var text = $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: {contentLength}\r\n\r\n{bodySoFar}";
        await request._tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), deadline.Token);
        return request;
    }

    public void Dispose() => _tcp.Dispose();
}
