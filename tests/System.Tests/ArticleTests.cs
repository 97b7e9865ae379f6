using SocketIOClient;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>The article's server, with the NuGet client.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class ArticleTests(SharedSystem shared)
{
    [Fact]
    public async Task Connection_IsGreetedWithTheServersName_AndAnEventIsLogged()
    {
        using var client = new SocketIOClient.SocketIO(shared.Url, new SocketIOOptions
        {
            ExtraHeaders = new Dictionary<string, string> { ["Cookie"] = "SERVERID=s2" },
            Reconnection = false,
        });
        var greeting = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.On("announcements", answer => greeting.TrySetResult(answer.GetValue().GetProperty("message").GetString()));
        await client.ConnectAsync();

        Assert.Equal("User has joined to s2", await greeting.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));

        var text = Guid.NewGuid().ToString();
        await client.EmitAsync("event", new { message = text });
        await Eventually.TrueAsync(() => Logged(text), TimeSpan.FromSeconds(5), "the event is logged by s2");
        Assert.Contains(shared.System.LocalHost.Lines, line => line.StartsWith("realtime-2", StringComparison.Ordinal) && line.Contains(client.Id, StringComparison.Ordinal));
        await client.DisconnectAsync();
    }

    private bool Logged(string text) => shared.System.LocalHost.Lines.Any(
        line => line.StartsWith("realtime-2", StringComparison.Ordinal) && line.Contains("A client has sent us this " + text, StringComparison.Ordinal));
}
