using System.Text.Json;

namespace StickyAspire.SocketIO;

/// <summary>A client on any server of the cluster, as <see cref="IBroadcastOperator.FetchSocketsAsync"/> finds it.</summary>
public interface IRemoteSocket
{
    /// <summary>The socket's id.</summary>
    string Id { get; }

    /// <summary>How the client came: Node's handshake object as JSON (headers, time, address, xdomain, secure, issued, url, query, auth).</summary>
    JsonElement Handshake { get; }

    /// <summary>The rooms that the socket was in, its own included.</summary>
    IReadOnlyCollection<string> Rooms { get; }

    /// <summary>The socket's data as JSON.</summary>
    JsonElement Data { get; }

    /// <summary>Emits an event to the socket.</summary>
    ValueTask EmitAsync(string eventName, params object?[] arguments);

    /// <summary>Emits an event to the socket and awaits the first argument of its answer.</summary>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    Task<T?> EmitWithAckAsync<T>(TimeSpan timeout, string eventName, params object?[] arguments);

    /// <summary>Makes the socket join rooms.</summary>
    ValueTask JoinAsync(params string[] rooms);

    /// <summary>Makes the socket leave a room.</summary>
    ValueTask LeaveAsync(string room);

    /// <summary>Disconnects the socket from the namespace, or with <paramref name="close"/> closes its connection.</summary>
    ValueTask DisconnectAsync(bool close = false);
}
