using System.Globalization;
using Microsoft.AspNetCore.SignalR;
using StickyAspire.Replica;
using StickyAspire.SocketIO;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>
/// The one chat behind both protocols. The replica that takes something tells every Socket.IO client by the Socket.IO adapter and every SignalR client by SignalR's
/// backplane: each reaches its own kind on all replicas, so everybody hears it once.
/// </summary>
internal sealed partial class ChatRooms(
    ISocketIOServer io, IHubContext<ChatHub> hub, ChatPresence presence, ReplicaIdentity identity, TimeProvider timeProvider, ILogger<ChatRooms> logger)
{
    public const string Namespace = "/chat";
    public const string SocketIO = "socket.io";
    public const string SignalR = "signalr";

    public string ServerId => identity.ServerId;

    public async Task<ChatJoin> JoinAsync(string connectionId, string protocol, string? room, string? name)
    {
        var member = new ChatMember(connectionId, ChatInput.CheckName(room, "room"), ChatInput.CheckName(name, "name"), identity.ServerId, protocol);
        if (presence.Add(member) is { } previous)
        {
            await TellAsync(previous.Room, "left", previous);
        }

        await TellAsync(member.Room, "joined", member);
        return new ChatJoin(member.Room, identity.ServerId, await presence.GetMembersAsync(member.Room));
    }

    public async Task LeaveAsync(string connectionId)
    {
        if (presence.Remove(connectionId) is { } member)
        {
            await TellAsync(member.Room, "left", member);
        }
    }

    public async Task<ChatMessage> SendAsync(string connectionId, string? text)
    {
        var member = presence.Find(connectionId) ?? throw new ChatInputException("Join a room first.");
        var message = new ChatMessage(
            Guid.NewGuid().ToString("N"), member.Room, member.Name, ChatInput.CheckText(text), identity.ServerId, member.Protocol,
            timeProvider.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        await TellAsync(member.Room, "message", message);
        return message;
    }

    public Task<ChatMember[]> WhoIsHereAsync(string? room) => presence.GetMembersAsync(ChatInput.CheckName(room, "room"));

    private async Task TellAsync(string room, string eventName, object content)
    {
        await io.Of(Namespace).To(room).EmitAsync(eventName, content);

        // This replica's SignalR clients directly, the others' by the backplane: so that those here hear it while Redis is away.
        var local = presence.GetLocal(room, SignalR);
        foreach (var id in local)
        {
            await hub.Clients.Client(id).SendAsync(eventName, content);
        }

        await TellRemoteAsync(room, eventName, content, local);
    }

    private async Task TellRemoteAsync(string room, string eventName, object content, IReadOnlyList<string> local)
    {
        if (!presence.CanReachOthers)
        {
            return;
        }

        try
        {
            await hub.Clients.GroupExcept(room, local).SendAsync(eventName, content);
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
        {
            LogRemoteFailed(logger, exception, room);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Something said in room {Room} did not reach the SignalR clients of other replicas, because Redis is away.")]
    private static partial void LogRemoteFailed(ILogger logger, Exception exception, string room);
}
