namespace StickyAspire.SocketIO.Engine;

/// <summary>A session's packets that wait for its transport, and what they cost. Guarded by the session.</summary>
internal struct OutboundQueue()
{
    /// <summary>What a waiting packet costs beyond its bytes, so that empty ones count too.</summary>
    private const int PacketCost = 64;

    private readonly Queue<EnginePacket> _packets = new();

    public readonly bool IsEmpty => _packets.Count == 0;

    /// <summary>Whether the next packet ends the session.</summary>
    public readonly bool IsNextClose => _packets.TryPeek(out var packet) && packet.IsClose;

    /// <summary>In bytes.</summary>
    public long Cost { get; private set; }

    public void Enqueue(EnginePacket packet)
    {
        _packets.Enqueue(packet);
        Cost += packet.Frame.Length + PacketCost;
    }

    public bool TryDequeue(out EnginePacket packet)
    {
        if (!_packets.TryDequeue(out packet))
        {
            return false;
        }

        Cost -= packet.Frame.Length + PacketCost;
        return true;
    }

    /// <summary>Throws away what waits, and lets go of its memory.</summary>
    public void Clear()
    {
        _packets.Clear();
        _packets.TrimExcess();
        Cost = 0;
    }
}
