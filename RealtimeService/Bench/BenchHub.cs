using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace StickyAspire.RealtimeService.Bench;

/// <summary>The load tools' words for SignalR.</summary>
internal sealed class BenchHub : Hub
{
#pragma warning disable CA1822 // SignalR calls instance methods alone.
    public string Echo(string data) => data;
#pragma warning restore CA1822

    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room, Context.ConnectionAborted);

    public Task Broadcast(string room, JsonElement data) => Clients.Group(room).SendAsync("message", data, Context.ConnectionAborted);
}
