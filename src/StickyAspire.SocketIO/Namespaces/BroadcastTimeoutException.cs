namespace StickyAspire.SocketIO;

/// <summary>Not all clients answered a broadcast in time.</summary>
/// <param name="responses">The answers that came.</param>
/// <typeparam name="T">The type of an answer.</typeparam>
public sealed class BroadcastTimeoutException<T>(IReadOnlyList<T?> responses) : TimeoutException("operation has timed out")
{
    /// <summary>The answers that came in time.</summary>
    public IReadOnlyList<T?> Responses { get; } = responses;
}
