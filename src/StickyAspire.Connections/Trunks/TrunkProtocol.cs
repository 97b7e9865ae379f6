namespace StickyAspire.Trunks;

/// <summary>What gateway and server agree on: how a trunk is asked for, and how much may be on its way.</summary>
internal static class TrunkProtocol
{
    /// <summary>Where a server has its trunks, below what is between gateways and servers.</summary>
    public const string Word = "trunk";

    public const string Path = "/sticky/" + Word;

    /// <summary>What the gateway asks to upgrade to (RFC 9110, section 7.8).</summary>
    public const string Name = "sticky-trunk/1";

    /// <summary>How many bytes of a stream may be on their way to a reader that takes none, in either direction.</summary>
    public const int Window = 64 * 1024;

    /// <summary>The most bytes in one frame, so that a stream with much to say lets others have their turn.</summary>
    public const int MaxData = 16 * 1024;

    /// <summary>The most streams that a server takes on one trunk.</summary>
    public const int MaxStreams = 65_536;

    /// <summary>How often the gateway asks whether the other end is there.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many such times may pass without a word until the other end counts as gone: 30 s, as long as a SignalR client waits. Counted, not measured, so that a process that was stopped for a while hears first what was said meanwhile.
    /// </summary>
    public const int MaxSilentIntervals = 6;
}
