using System.Text.Json;
using StickyAspire.SocketIO.Adapters;

namespace StickyAspire.SocketIO;

internal sealed class RemoteSocket(SocketIONamespace nsp, RemoteSocketInfo info) : IRemoteSocket
{
    public string Id => info.Id;

    public JsonElement Handshake => info.Handshake;

    public IReadOnlyCollection<string> Rooms => info.Rooms;

    public JsonElement Data => info.Data;

    public ValueTask EmitAsync(string eventName, params object?[] arguments) => Itself.EmitAsync(eventName, arguments);

    public async Task<T?> EmitWithAckAsync<T>(TimeSpan timeout, string eventName, params object?[] arguments)
    {
        var answers = await Itself.Timeout(timeout).EmitWithAckAsync<T>(eventName, arguments);
        return answers.Count > 0 ? answers[0] : throw new TimeoutException("operation has timed out");
    }

    public ValueTask JoinAsync(params string[] rooms) => Itself.SocketsJoinAsync(rooms);

    public ValueTask LeaveAsync(string room) => Itself.SocketsLeaveAsync(room);

    public ValueTask DisconnectAsync(bool close = false) => Itself.DisconnectSocketsAsync(close);

    /// <summary>A socket is the room of its id, wherever it is.</summary>
    private BroadcastOperator Itself => new(nsp, new BroadcastOptions { Rooms = [info.Id] });
}
