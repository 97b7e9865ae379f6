namespace StickyAspire.SocketIO.Protocol;

/// <summary>What became of a message given to a decoder.</summary>
public enum SocketIODecodeResult
{
    /// <summary>A packet is complete.</summary>
    Complete,

    /// <summary>The packet has attachments that are still to come.</summary>
    NeedsMore,

    /// <summary>The message breaks the protocol.</summary>
    Invalid,
}
