namespace StickyAspire.SocketIO.Adapters;

/// <content>What is asked of sockets, or done to them, wherever they are.</content>
public partial class SocketIOAdapter
{
    /// <summary>The sockets that the options mean.</summary>
    public virtual Task<IReadOnlyList<RemoteSocketInfo>> FetchSocketsAsync(BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        var result = new List<RemoteSocketInfo>(batch.Sockets.Length);
        foreach (var socket in batch.Sockets)
        {
            result.Add(socket.Describe());
        }

        return Task.FromResult<IReadOnlyList<RemoteSocketInfo>>(result);
    }

    /// <summary>Puts the sockets that the options mean into rooms.</summary>
    public virtual ValueTask AddSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        foreach (var socket in batch.Sockets)
        {
            Add(socket, rooms);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Takes the sockets that the options mean out of rooms.</summary>
    public virtual ValueTask RemoveSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rooms);
        using var batch = Select(options);
        foreach (var socket in batch.Sockets)
        {
            foreach (var room in rooms)
            {
                Remove(socket, room);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Disconnects the sockets that the options mean.</summary>
    public virtual ValueTask DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        foreach (var socket in batch.Sockets)
        {
            socket.Disconnect(close);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>A socket of this server has come, and with it its own room. Called under no lock; it must not wait.</summary>
    protected internal virtual void OnSocketAdded(string socketId)
    {
    }

    /// <summary>A socket of this server has gone, and its own room with it.</summary>
    protected internal virtual void OnSocketRemoved(string socketId)
    {
    }

    /// <summary>Whether a socket of that id is on this server.</summary>
    protected bool HasSocket(string socketId) => _namespace.ConnectedSockets.ContainsKey(socketId);

    /// <summary>The ids of this server's sockets that the options mean.</summary>
    protected IReadOnlyList<string> GetSocketIds(BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var batch = Select(options);
        var ids = new string[batch.Sockets.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = batch.Sockets[i].Id;
        }

        return ids;
    }
}
