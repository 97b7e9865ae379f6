using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>The chat by SignalR's MessagePack protocol, with the .NET client: the same words and shapes as by JSON.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class ChatMessagePackTests(SharedSystem shared)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Message_ByMessagePack_HasTheShapeOfJson()
    {
        var room = Guid.NewGuid().ToString("N");
        await using var binary = await ConnectAsync("s1", builder => builder.AddMessagePackProtocol());
        await using var text = await ConnectAsync("s2", builder => builder.AddJsonProtocol());
        var byBinary = Listen<Dictionary<string, object>>(binary);
        var byText = Listen<JsonElement>(text);
        await text.InvokeAsync<JsonElement>("Join", room, "bob", TestContext.Current.CancellationToken);
        var joined = await binary.InvokeAsync<Dictionary<string, object>>("Join", room, "ann", TestContext.Current.CancellationToken);
        Assert.Equal("s1", joined["server"]);

        var answer = await binary.InvokeAsync<Dictionary<string, object>>("Message", "hello", TestContext.Current.CancellationToken);

        var received = await byBinary.WaitAsync(Limit, TestContext.Current.CancellationToken);
        var json = await byText.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(answer, received);
        Assert.Equal(
            json.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()),
            received.ToDictionary(property => property.Key, property => property.Value as string));
    }

    private static Task<T> Listen<T>(HubConnection connection)
    {
        var message = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.On<T>("message", content => message.TrySetResult(content));
        return message.Task;
    }

    private async Task<HubConnection> ConnectAsync(string server, Func<IHubConnectionBuilder, IHubConnectionBuilder> withProtocol)
    {
        var builder = new HubConnectionBuilder().WithUrl(
            $"{shared.Url}/hubs/chat", options => options.Headers["Cookie"] = $"SERVERID={server}");
        var connection = withProtocol(builder).Build();
        await connection.StartAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
