using Microsoft.AspNetCore.SignalR;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>The chat for SignalR clients, with the same words as <see cref="ChatNamespace"/>: <c>Join</c>, <c>Leave</c>, <c>Message</c>, <c>Who</c>.</summary>
internal sealed class ChatHub(ChatRooms rooms) : Hub
{
    private const string RoomItem = "room";

    public async Task<ChatJoin> Join(string? room, string? name) => await AnswerAsync(async () =>
    {
        var checkedRoom = ChatInput.CheckName(room, "room");
        ChatInput.CheckName(name, "name");
        await LeaveGroupAsync();
        await Groups.AddToGroupAsync(Context.ConnectionId, checkedRoom);
        Context.Items[RoomItem] = checkedRoom;
        return await rooms.JoinAsync(Context.ConnectionId, ChatRooms.SignalR, checkedRoom, name);
    });

    public async Task Leave()
    {
        await LeaveGroupAsync();
        await rooms.LeaveAsync(Context.ConnectionId);
    }

    public Task<ChatMessage> Message(string? text) => AnswerAsync(() => rooms.SendAsync(Context.ConnectionId, text));

    public Task<ChatMember[]> Who(string? room) => AnswerAsync(() => rooms.WhoIsHereAsync(room));

    /// <summary>The id of the replica that answers.</summary>
    public string WhoAmI() => rooms.ServerId;

    /// <summary>Gives back what it is given, for load tools and tests.</summary>
#pragma warning disable CA1822 // Hub methods are instance methods.
    public string? Echo(string? data) => data;
#pragma warning restore CA1822

    public override async Task OnDisconnectedAsync(Exception? exception) => await rooms.LeaveAsync(Context.ConnectionId);

    private async Task LeaveGroupAsync()
    {
        if (Context.Items.Remove(RoomItem, out var room))
        {
            await Groups.RemoveFromGroupAsync(Context.ConnectionId, (string)room!);
        }
    }

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (ChatInputException exception)
        {
            throw new HubException(exception.Message);
        }
    }
}
