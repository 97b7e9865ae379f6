namespace StickyAspire.SocketIO;

/// <summary>Not all clients answered a broadcast, or not all servers a server-side event, in time.</summary>
/// <param name="responses">The answers that came.</param>
/// <param name="message">What to say of it. Default <c>operation has timed out</c>.</param>
/// <typeparam name="T">The type of an answer.</typeparam>
public sealed class BroadcastTimeoutException<T>(IReadOnlyList<T?> responses, string message = "operation has timed out") : TimeoutException(message)
{
    /// <summary>The answers that came in time.</summary>
    public IReadOnlyList<T?> Responses { get; } = responses;
}
