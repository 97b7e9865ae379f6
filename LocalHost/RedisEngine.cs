namespace StickyAspire.LocalHosting;

/// <summary>Which Redis runs.</summary>
internal enum RedisEngine
{
    /// <summary>redis-server where there is one, else Garnet.</summary>
    Auto,
    RedisServer,
    Garnet,
}
