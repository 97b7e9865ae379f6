namespace StickyAspire.LocalHosting;

/// <summary>A Redis server. Which one it is, is decided when the application starts.</summary>
public sealed class RedisResource(string name) : Resource(name)
{
    /// <summary>StackExchange.Redis' connection string, known once the server runs.</summary>
    internal string? ConnectionString { get; set; }
}
