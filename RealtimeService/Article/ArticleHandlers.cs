using System.Text.Json;
using StickyAspire.Replica;
using StickyAspire.SocketIO;

namespace StickyAspire.RealtimeService.Article;

/// <summary>The article's server: it greets each client with the name of the server, and logs what an <c>event</c> says.</summary>
internal static partial class ArticleHandlers
{
    public static void MapArticle(this ISocketIOServer io, ReplicaIdentity identity, ILogger logger) =>
        io.OnConnection(async socket =>
        {
            LogConnected(logger, socket.Id);
            await socket.EmitAsync("announcements", new Announcement($"User has joined to {identity.ServerId}"));
            socket.On("event", (JsonElement data) => LogEvent(logger, GetMessage(data)));
        });

    private static string? GetMessage(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty("message", out var message) ? message.ToString() : null;

    [LoggerMessage(LogLevel.Information, "{SocketId}")]
    private static partial void LogConnected(ILogger logger, string socketId);

    [LoggerMessage(LogLevel.Information, "A client has sent us this {Message}")]
    private static partial void LogEvent(ILogger logger, string? message);
}
