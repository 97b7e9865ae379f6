using System.Text.Json;

namespace SocketIO.Tests.Server;

/// <summary>A client that polls, packet by packet.</summary>
internal sealed class PollingClient(HttpClient http, string url)
{
    public string Sid => url[(url.LastIndexOf('=') + 1)..];

    public const string Path = "/socket.io/?EIO=4&transport=polling";

    /// <summary>Opens a session.</summary>
    public static async Task<PollingClient> OpenAsync(HttpClient http, string path = Path)
    {
        var open = await http.GetStringAsync(path, TestContext.Current.CancellationToken);
        return new PollingClient(http, $"{path}&sid={JsonElement.Parse(open.Split('\x1e')[0][1..]).GetProperty("sid").GetString()}");
    }

    /// <summary>The next payload.</summary>
    public Task<string> PollAsync() => http.GetStringAsync(url, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> PostAsync(string payload) => PostAsync(new StringContent(payload));

    public Task<HttpResponseMessage> PostAsync(HttpContent payload) => http.PostAsync(url, payload, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> GetAsync() => http.GetAsync(url, TestContext.Current.CancellationToken);
}
