using StickyAspire.SocketIO;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>The chat for Socket.IO clients: namespace <c>/chat</c>, events <c>join(room, name)</c>, <c>leave()</c>, <c>message(text)</c>, <c>who(room)</c>, each answered.</summary>
internal static class ChatNamespace
{
    public static void MapChat(this ISocketIOServer io, ChatRooms rooms) =>
        io.Of(ChatRooms.Namespace).OnConnection(socket =>
        {
            socket.On("join", (string? room, string? name) => AnswerAsync(() => JoinAsync(socket, rooms, room, name)));
            socket.On("leave", async () =>
            {
                await LeaveRoomAsync(socket);
                await rooms.LeaveAsync(socket.Id);
                return true;
            });
            socket.On("message", (string? text) => AnswerAsync(() => rooms.SendAsync(socket.Id, text)));
            socket.On("who", (string? room) => AnswerAsync(() => rooms.WhoIsHereAsync(room)));
            socket.OnDisconnect(_ => rooms.LeaveAsync(socket.Id));
        });

    private static async Task<ChatJoin> JoinAsync(ISocketIOSocket socket, ChatRooms rooms, string? room, string? name)
    {
        // Into the room first: whoever joins hears of it too.
        var checkedRoom = ChatInput.CheckName(room, "room");
        ChatInput.CheckName(name, "name");
        await LeaveRoomAsync(socket);
        await socket.JoinAsync(checkedRoom);
        return await rooms.JoinAsync(socket.Id, ChatRooms.SocketIO, checkedRoom, name);
    }

    private static async Task LeaveRoomAsync(ISocketIOSocket socket)
    {
        foreach (var room in socket.Rooms.Where(room => room != socket.Id))
        {
            await socket.LeaveAsync(room);
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
            throw new SocketIOException(exception.Message);
        }
    }
}
