using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Yarp.Tests.Environment;

/// <summary>Sends requests to a gateway, ours or another, and keeps no cookies of its own.</summary>
internal sealed class Client(int port) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    /// <param name="path">Path and query.</param>
    /// <param name="cookie">The whole <c>Cookie</c> header; null for none.</param>
    /// <param name="method">Default GET.</param>
    /// <param name="headers">Further headers, <c>Name: value</c>.</param>
    public async Task<Answer> SendAsync(string path = "/", string? cookie = null, HttpMethod? method = null, params string[] headers) =>
        await SendUntilAsync(TestContext.Current.CancellationToken, path, cookie, method, headers);

    /// <summary>The same, and leaves before the answer if cancelled.</summary>
    public async Task<Answer> SendUntilAsync(CancellationToken cancel, string path = "/", string? cookie = null, HttpMethod? method = null, params string[] headers)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path) { Version = HttpVersion.Version11 };
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        foreach (var header in headers)
        {
            request.Headers.TryAddWithoutValidation(header.Split(':')[0], header.Split(':', 2)[1].Trim());
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(await _http.SendAsync(request, either.Token), either.Token);
    }

    /// <summary>Opens a WebSocket and reads the id of its server.</summary>
    public async Task<(ClientWebSocket Socket, string Server)> ConnectAsync(string path = "/ws", string? cookie = null)
    {
        var socket = new ClientWebSocket();
        if (cookie is not null)
        {
            socket.Options.SetRequestHeader("Cookie", cookie);
        }

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}{path}"), TestContext.Current.CancellationToken);
        var buffer = new byte[64];
        var result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return (socket, Encoding.UTF8.GetString(buffer, 0, result.Count));
    }

    public void Dispose() => _http.Dispose();
}
