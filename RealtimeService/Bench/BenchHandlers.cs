using System.Text.Json;
using StickyAspire.Replica;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.RealtimeService.Bench;

/// <summary>
/// Events for load tools and tests: <c>echo(data, ack)</c>, <c>whoami(ack)</c>, <c>join(room, ack)</c>, <c>broadcast(room, data, ack?)</c>, and <c>headers(ack)</c>, the headers that this replica got.
/// Only with <c>Realtime:BenchHandlers</c>, since they let any client send to any room.
/// </summary>
internal static class BenchHandlers
{
    public static void MapBench(this ISocketIOServer io, ReplicaIdentity identity) =>
        io.OnConnection(socket =>
        {
            socket.On("echo", (SocketIOAck ack, SocketIOPayload data) => ack.SendAsync(data).AsTask());
            socket.On("whoami", () => identity.ServerId);
            socket.On("headers", () => socket.Handshake.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()));
            socket.On("join", async (string room, SocketIOAck ack) =>
            {
                await socket.JoinAsync(room);
                await ack.SendAsync();
            });
            socket.On("broadcast", async (string room, JsonElement data, SocketIOAck ack) =>
            {
                await io.To(room).EmitAsync("message", data);
                await ack.SendAsync();
            });
        });
}
