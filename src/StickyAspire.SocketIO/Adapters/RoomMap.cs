using System.Buffers;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>Which of a namespace's sockets on this server are in which room. A socket's own room needs no entry: it is there by its id. Guarded by the adapter.</summary>
internal sealed class RoomMap(SocketIONamespace nsp)
{
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    /// <summary>The rooms that are not sockets' own.</summary>
    public IReadOnlyCollection<string> Names => _rooms.Keys;

    public bool Contains(string room) => _rooms.ContainsKey(room);

    public Room GetOrCreate(string room, out bool isNew)
    {
        isNew = !_rooms.TryGetValue(room, out var members);
        if (isNew)
        {
            _rooms.Add(room, members = new Room());
        }

        return members!;
    }

    /// <summary>Takes a socket out of a room. True if it was the last, and the room is no more.</summary>
    public bool Remove(string room, SocketIOSocket socket) =>
        _rooms.TryGetValue(room, out var members) && members.Members.Remove(socket) && members.Members.Count == 0 && _rooms.Remove(room);

    /// <summary>The sockets that the options mean, each once.</summary>
    public SocketBatch Select(BroadcastOptions options)
    {
        var (array, count) = options.Rooms switch
        {
            [] => SelectAll(),
            [var room] => SelectRoom(room),
            _ => SelectUnion(options.Rooms),
        };

        return new SocketBatch(array, options.Except.Length == 0 ? count : RemoveExcept(array, count, options.Except));
    }

    private (SocketIOSocket[] Array, int Count) SelectAll()
    {
        var sockets = nsp.ConnectedSockets;
        var array = ArrayPool<SocketIOSocket>.Shared.Rent(sockets.Count + 16);
        var count = 0;
        foreach (var (_, socket) in sockets)
        {
            if (count == array.Length)
            {
                // Clients joined since the count was taken.
                var larger = ArrayPool<SocketIOSocket>.Shared.Rent(count * 2);
                array.CopyTo(larger, 0);
                ArrayPool<SocketIOSocket>.Shared.Return(array, clearArray: true);
                array = larger;
            }

            array[count++] = socket;
        }

        return (array, count);
    }

    private (SocketIOSocket[] Array, int Count) SelectRoom(string room)
    {
        // Others may have joined a socket's own room too.
        var own = nsp.ConnectedSockets.GetValueOrDefault(room);
        var members = _rooms.GetValueOrDefault(room)?.Members;
        var array = ArrayPool<SocketIOSocket>.Shared.Rent((members?.Count ?? 0) + 1);
        var count = 0;
        if (members is not null)
        {
            members.CopyTo(array);
            count = members.Count;
        }

        if (own is not null && members?.Contains(own) != true)
        {
            array[count++] = own;
        }

        return (array, count);
    }

    private (SocketIOSocket[] Array, int Count) SelectUnion(string[] rooms)
    {
        var union = new HashSet<SocketIOSocket>();
        foreach (var room in rooms)
        {
            if (_rooms.TryGetValue(room, out var members))
            {
                union.UnionWith(members.Members);
            }

            if (nsp.ConnectedSockets.TryGetValue(room, out var own))
            {
                union.Add(own);
            }
        }

        var array = ArrayPool<SocketIOSocket>.Shared.Rent(union.Count);
        union.CopyTo(array);
        return (array, union.Count);
    }

    private static int RemoveExcept(SocketIOSocket[] array, int count, string[] except)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var socket = array[i];
            if (!IsInAny(socket, except))
            {
                array[kept++] = socket;
            }
        }

        // What lies beyond must not stay alive in the pool; clearing on return covers it.
        return kept;
    }

    private static bool IsInAny(SocketIOSocket socket, string[] rooms)
    {
        foreach (var room in rooms)
        {
            if (room == socket.Id || socket.JoinedRooms.Contains(room))
            {
                return true;
            }
        }

        return false;
    }
}
