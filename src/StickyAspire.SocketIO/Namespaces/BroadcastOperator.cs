using System.Diagnostics;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

internal sealed class BroadcastOperator(SocketIONamespace nsp, BroadcastOptions options) : IBroadcastOperator
{
    public IBroadcastOperator To(params ReadOnlySpan<string> rooms) => With(options with { Rooms = Add(options.Rooms, rooms) });

    public IBroadcastOperator Except(params ReadOnlySpan<string> rooms) => With(options with { Except = Add(options.Except, rooms) });

    public IBroadcastOperator Volatile => With(options with { IsVolatile = true });

    public IBroadcastOperator Local => With(options with { IsLocal = true });

    public IBroadcastOperator Compress(bool compress) => With(options with { Compress = compress });

    public IBroadcastOperator Timeout(TimeSpan timeout) => With(options with { Timeout = timeout });

    public ValueTask EmitAsync(string eventName, params object?[] arguments)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        var packet = nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Event, nsp.Name, null, eventName, arguments);
        return SocketIOActivity.IsListenedTo && SocketIOActivity.StartPublish(nsp.Name, eventName) is { } activity
            ? TraceAsync(nsp.Adapter.BroadcastAsync(packet, options), activity)
            : nsp.Adapter.BroadcastAsync(packet, options);
    }

    public Task<IReadOnlyList<T?>> EmitWithAckAsync<T>(string eventName, params object?[] arguments)
    {
        ReservedEvents.ThrowIfReserved(eventName);
        if (options.Timeout is not { } timeout)
        {
            throw new InvalidOperationException("A broadcast with answers needs a bound: call Timeout(…) first.");
        }

        var packet = nsp.Server.Serializer.CreatePacket(SocketIOPacketType.Event, nsp.Name, null, eventName, arguments);
        return new BroadcastAckCollector<T>(nsp, timeout).CollectAsync(packet, options);
    }

    public Task<IReadOnlyList<IRemoteSocket>> FetchSocketsAsync() => nsp.FetchSocketsAsync(options);

    public ValueTask SocketsJoinAsync(params string[] rooms) => nsp.Adapter.AddSocketsAsync(options, rooms);

    public ValueTask SocketsLeaveAsync(params string[] rooms) => nsp.Adapter.RemoveSocketsAsync(options, rooms);

    public ValueTask DisconnectSocketsAsync(bool close = false) => nsp.Adapter.DisconnectSocketsAsync(options, close);

    private static async ValueTask TraceAsync(ValueTask task, Activity activity)
    {
        using (activity)
        {
            await task;
        }
    }

    private BroadcastOperator With(BroadcastOptions changed) => new(nsp, changed);

    private static string[] Add(string[] rooms, ReadOnlySpan<string> added)
    {
        var result = new string[rooms.Length + added.Length];
        rooms.CopyTo(result, 0);
        var count = rooms.Length;
        foreach (var room in added)
        {
            ArgumentNullException.ThrowIfNull(room, nameof(rooms));
            if (result.AsSpan(0, count).IndexOf(room) < 0)
            {
                result[count++] = room;
            }
        }

        return count == result.Length ? result : result[..count];
    }
}
