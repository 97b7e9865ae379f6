namespace StickyAspire.SocketIO.Engine;

/// <summary>One packet of a polling payload.</summary>
internal readonly record struct InboundPacket(EnginePacketType Type, ReadOnlyMemory<byte> Data, bool IsBinary)
{
    public static bool TryGetType(byte digit, out EnginePacketType type)
    {
        type = (EnginePacketType)digit;
        return digit is >= (byte)'0' and <= (byte)'6';
    }
}
