using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>One message between servers, whatever the wire's form is.</summary>
internal sealed record ClusterMessage(ClusterMessageType Type)
{
    private static readonly BroadcastOptions Everyone = new();

    /// <summary>Who sends it. Empty for old emitters.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What answers refer to; null where none is asked for.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whom it concerns.</summary>
    public BroadcastOptions Options { get; init; } = Everyone;

    /// <summary>The rooms to join or leave, or the names or ids that were asked for.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>Disconnect: whether to close whole connections.</summary>
    public bool Close { get; init; }

    /// <summary>The event, or the answer as a packet of type Ack.</summary>
    public SocketIOPacket? Packet { get; init; }

    /// <summary>The sockets that were asked for.</summary>
    public IReadOnlyList<RemoteSocketInfo> Sockets { get; init; } = [];

    /// <summary>How many clients were asked.</summary>
    public int ClientCount { get; init; }

    /// <summary>Whether the sender, an old server, wants to hear from the one that has the socket.</summary>
    public bool WantsDone { get; init; }
}
