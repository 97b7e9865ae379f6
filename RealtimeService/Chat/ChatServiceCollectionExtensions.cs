namespace StickyAspire.RealtimeService.Chat;

/// <summary>The chat's services.</summary>
internal static class ChatServiceCollectionExtensions
{
    public static void AddChat(this IServiceCollection services)
    {
        services.AddSingleton<ChatRooms>();
        services.AddSingleton<ChatPresence>();
        services.AddHostedService(provider => provider.GetRequiredService<ChatPresence>());
    }
}
