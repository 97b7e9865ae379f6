using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>Gateway and replicas as they are shipped speak trunks with each other.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class TrunkTests(SharedSystem shared)
{
    private const int Clients = 30;

    [Fact]
    public async Task WebSockets_GoByTrunks_OfWhichEachReplicaHasTwo()
    {
        var url = new UriBuilder(shared.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri;
        var clients = new List<ClientWebSocket>();
        await Eventually.TrueAsync(
            async () =>
            {
                // The first find none yet, and have them opened.
                var client = new ClientWebSocket();
                clients.Add(client);
                await client.ConnectAsync(url, TestContext.Current.CancellationToken);
                return await ReadAsync("stickyaspire_trunks_open") == 6;
            },
            TimeSpan.FromSeconds(30),
            "there are two trunks to each of three replicas");
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(new ClientWebSocket());
            await clients[^1].ConnectAsync(url, TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(async () => await ReadAsync("stickyaspire_trunks_streams") >= Clients, TimeSpan.FromSeconds(30), "the sockets go by them");
        clients.ForEach(client => client.Abort());
    }

    [Fact]
    public async Task Post_OfManyWindows_IsTakenWhole()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var url = shared.Url + "/socket.io/?EIO=4&transport=polling";
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        for (var i = 0; i < 5; i++)
        {
            var open = await client.GetStringAsync(new Uri(url), cancellation);
            var session = new Uri($"{url}&sid={System.Text.Json.JsonDocument.Parse(open[1..]).RootElement.GetProperty("sid").GetString()}");
            using var connected = await client.PostAsync(session, new StringContent("40"), cancellation);
            using var posted = await client.PostAsync(session, new StringContent($"42[\"event\",{{\"message\":\"{new string('x', 900_000)}\"}}]"), cancellation);
            Assert.Equal("ok", await posted.Content.ReadAsStringAsync(cancellation));
            using var left = await client.PostAsync(session, new StringContent("1"), cancellation);
        }
    }

    [Fact]
    public async Task Client_CannotOpenATrunk()
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, shared.Url + "/sticky/trunk");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue("sticky-trunk", "1"));

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
    }

    /// <summary>The sum of a metric over its attributes.</summary>
    private async Task<double> ReadAsync(string metric)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("123:123")));
        var text = await client.GetStringAsync(new Uri(shared.Url + "/metrics"), TestContext.Current.CancellationToken);
        return text.Split('\n').Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf("} ", StringComparison.Ordinal) + 2)..].Split(' ')[0], CultureInfo.InvariantCulture));
    }
}
