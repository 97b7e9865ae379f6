using System.Text.Json;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>One chat for both protocols on all replicas.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class ChatTests(SharedSystem shared)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("socket.io")]
    [InlineData("signalr")]
    public async Task Message_FromAnyClient_ReachesEverybodyOnceInTheSameShape(string senderProtocol)
    {
        var room = Guid.NewGuid().ToString("N");
        await using var sender = Join(senderProtocol, "s1", room, "ann");
        Assert.Equal("s1", (await sender.WaitForAsync("ready", Limit)).GetProperty("server").GetString());
        await using var onS2 = Join("socket.io", "s2", room, "bob");
        await onS2.WaitForAsync("ready", Limit);
        await using var onS3 = Join("signalr", "s3", room, "cleo");
        var ready = await onS3.WaitForAsync("ready", Limit);
        Assert.Equal(["ann", "bob", "cleo"], ready.GetProperty("here").EnumerateArray().Select(name => name.GetString()));

        sender.WriteLine("first");
        sender.WriteLine("second");
        sender.WriteLine("last");

        RunningProgram[] everybody = [sender, onS2, onS3];
        await Eventually.TrueAsync(() => everybody.All(client => Texts(client).Contains("last")), Limit, "everybody heard the last message");
        Assert.All(everybody, client => Assert.Equal(["first", "second", "last"], Texts(client)));
        var shapes = everybody.Select(client => Messages(client).First().GetRawText()).Distinct();
        var shape = JsonElement.Parse(Assert.Single(shapes));
        Assert.Equal(["at", "from", "id", "protocol", "room", "server", "text"], shape.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal("s1", shape.GetProperty("server").GetString());
        Assert.Equal(senderProtocol, shape.GetProperty("protocol").GetString());
    }

    [Theory]
    [InlineData("socket.io")]
    [InlineData("signalr")]
    public async Task Leave_IsToldToTheOthers(string protocol)
    {
        var room = Guid.NewGuid().ToString("N");
        await using var stays = Join("signalr", "s2", room, "stays");
        await stays.WaitForAsync("ready", Limit);
        await using var goes = Join(protocol, "s1", room, "goes");
        await goes.WaitForAsync("ready", Limit);

        goes.WriteLine("leave");

        var left = await stays.WaitForAsync("left", Limit);
        Assert.Equal("goes", left.GetProperty("content").GetProperty("name").GetString());
        stays.WriteLine("who");
        var here = (await stays.WaitForAsync("answer", Limit)).GetProperty("answer");
        Assert.Equal(["stays"], here.EnumerateArray().Select(member => member.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("socket.io")]
    [InlineData("signalr")]
    public async Task Message_TooLong_IsRefusedWithWhatIsAllowed(string protocol)
    {
        await using var client = Join(protocol, "s1", Guid.NewGuid().ToString("N"), "ann");
        await client.WaitForAsync("ready", Limit);

        client.WriteLine(new string('x', 2001));

        Assert.Contains("allowed are 1 to 2000", (await client.WaitForAsync("answer", Limit)).GetRawText(), StringComparison.Ordinal);
    }

    private RunningProgram Join(string protocol, string server, string room, string name) =>
        NodeScript.Start("listen.mjs", shared.Url, "--protocol", protocol, "--server", server, "--room", room, "--name", name);

    private static IEnumerable<JsonElement> Messages(RunningProgram client) =>
        client.Lines.Where(line => line.StartsWith("{\"what\":\"message\"", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line).GetProperty("content"));

    private static IEnumerable<string?> Texts(RunningProgram client) => Messages(client).Select(message => message.GetProperty("text").GetString());
}
