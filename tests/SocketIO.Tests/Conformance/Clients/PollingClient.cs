using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>A session on the polling transport of revision 4, or of revision 3 with its length-prefixed payloads.</summary>
internal sealed class PollingClient : IEngineClient
{
    private readonly ConformanceTarget _target;
    private readonly Queue<string> _received = new();
    private readonly int _revision;

    private PollingClient(ConformanceTarget target, string path, int revision, string query)
    {
        _target = target;
        _revision = revision;
        Url = new Uri(target.Url, $"{path}?EIO={revision}&transport=polling{query}");
    }

    public Uri Url { get; private set; }

    public string Sid { get; private set; } = "";

    public JsonElement Handshake { get; private set; }

    public static async Task<PollingClient> OpenAsync(ConformanceTarget target, string path = "/engine.io/", int revision = 4, string query = "")
    {
        var client = new PollingClient(target, path, revision, query);
        using var response = await client.GetAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var packets = client.Decode(await response.Content.ReadAsStringAsync()).ToList();
        Assert.StartsWith("0{", packets[0], StringComparison.Ordinal);
        packets[1..].ForEach(client._received.Enqueue);
        client.Handshake = JsonDocument.Parse(packets[0][1..]).RootElement;
        client.Sid = client.Handshake.GetProperty("sid").GetString()!;
        client.Url = new Uri($"{client.Url}&sid={Uri.EscapeDataString(client.Sid)}");
        return client;
    }

    public Task<HttpResponseMessage> GetAsync() => GetUntilAsync(CancellationToken.None);

    public async Task<HttpResponseMessage> GetUntilAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, TestContext.Current.CancellationToken);
        return await _target.Http.GetAsync(Url, deadline.Token);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string contentType = "text/plain;charset=UTF-8") =>
        PostAsync(Encoding.UTF8.GetBytes(body), contentType);

    public async Task<HttpResponseMessage> PostAsync(byte[] body, string contentType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await _target.Http.PostAsync(Url, content, TestContext.Current.CancellationToken);
    }

    public Task<Task<HttpResponseMessage>> StartPollAsync() => StartPollUntilAsync(CancellationToken.None);

    /// <summary>Starts a poll and sees to it that the server has it: what is posted afterwards was read later.</summary>
    public async Task<Task<HttpResponseMessage>> StartPollUntilAsync(CancellationToken abandoned)
    {
        var poll = GetUntilAsync(abandoned);
        for (var i = 0; i < 5; i++)
        {
            await SendAsync("6");
        }

        return poll;
    }

    /// <summary>The body of the poll that is answered next.</summary>
    public async Task<string> PollAsync()
    {
        using var response = await GetAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    public async Task SendAsync(params string[] packets)
    {
        using var response = await PostAsync(Encode(packets));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
    }

    public async Task<string?> NextAsync()
    {
        using var deadline = Deadline.Start();
        while (true)
        {
            while (_received.TryDequeue(out var packet))
            {
                switch (packet)
                {
                    case "2":
                        await SendAsync("3");
                        break;
                    case "6":
                        break;
                    case "1":
                        return null;
                    default:
                        return packet;
                }
            }

            using var response = await GetUntilAsync(deadline.Token);
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                return null;
            }

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            foreach (var packet in Decode(await response.Content.ReadAsStringAsync(deadline.Token)))
            {
                _received.Enqueue(packet);
            }
        }
    }

    /// <summary>Waits until the server knows the session no more. Does so by posts: a poll could end the session itself.</summary>
    public async Task UntilUnknownAsync()
    {
        using var deadline = Deadline.Start();
        while (true)
        {
            using var response = await PostAsync(Encode("6"));
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                await EngineErrors.AssertAsync(response, 1, "Session ID unknown");
                return;
            }

            await Task.Delay(20, deadline.Token);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public string Encode(params string[] packets) =>
        _revision == 4 ? string.Join(Packets.Separator, packets) : string.Concat(packets.Select(packet => $"{packet.Length}:{packet}"));

    private IEnumerable<string> Decode(string body)
    {
        if (_revision == 4)
        {
            return body.Split(Packets.Separator);
        }

        var packets = new List<string>();
        for (var i = 0; i < body.Length;)
        {
            var colon = body.IndexOf(':', i);
            var length = int.Parse(body.AsSpan(i, colon - i), System.Globalization.CultureInfo.InvariantCulture);
            packets.Add(body.Substring(colon + 1, length));
            i = colon + 1 + length;
        }

        return packets;
    }
}
