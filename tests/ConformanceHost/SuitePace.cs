namespace ConformanceHost;

/// <summary>
/// How the official suites want to be spoken to: they listen for one message at a time, and only from the turn of their loop on in which they have seen
/// the one before. What comes in the same read is lost on them.
/// </summary>
internal static class SuitePace
{
    /// <summary>Long enough for a turn of their loop.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(25);

    /// <summary>Whether the first frame must wait for such a turn: only the suite for protocol 3 listens for the end of the handshake first.</summary>
    public static bool IsNeeded(HttpRequest request) => request.Query["EIO"] == "3" && !request.Query.ContainsKey("sid");
}
