using System.Text;

namespace StickyAspire.SocketIO.Engine;

/// <summary>
/// One packet on its way out. A text packet's frame begins with the packet type's digit, so that the same bytes
/// go to every session on every transport; a binary packet's frame is the message itself.
/// </summary>
/// <param name="Frame">Finished bytes, shared between sessions and never written to again.</param>
/// <param name="IsBinary">Whether <paramref name="Frame"/> is a binary message.</param>
/// <param name="Compress">Whether the transport may compress it.</param>
internal readonly record struct EnginePacket(ReadOnlyMemory<byte> Frame, bool IsBinary = false, bool Compress = true)
{
    public static readonly EnginePacket Close = new("1"u8.ToArray());
    public static readonly EnginePacket Ping = new("2"u8.ToArray());
    public static readonly EnginePacket Pong = new("3"u8.ToArray());
    public static readonly EnginePacket ProbePong = new("3probe"u8.ToArray());
    public static readonly EnginePacket Noop = new("6"u8.ToArray());

    /// <summary>A text message.</summary>
    public static EnginePacket CreateMessage(string message)
    {
        var frame = new byte[1 + Encoding.UTF8.GetByteCount(message)];
        frame[0] = (byte)EnginePacketType.Message;
        Encoding.UTF8.GetBytes(message, frame.AsSpan(1));
        return new EnginePacket(frame);
    }

    public bool IsClose => !IsBinary && Frame.Length == 1 && Frame.Span[0] == (byte)EnginePacketType.Close;
}
