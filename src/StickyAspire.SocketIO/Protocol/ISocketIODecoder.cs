namespace StickyAspire.SocketIO.Protocol;

/// <summary>Decodes the messages of one connection, one after another.</summary>
public interface ISocketIODecoder
{
    /// <summary>Takes one message.</summary>
    /// <param name="message">UTF-8 text, valid only during the call and the handling of the packet it completes; or bytes, which the decoder may keep.</param>
    /// <param name="isBinary">Whether it is bytes.</param>
    /// <param name="packet">The packet that is complete now.</param>
    /// <returns>What became of it. After <see cref="SocketIODecodeResult.Invalid"/> the connection is closed with <c>parse error</c>.</returns>
    SocketIODecodeResult Add(ReadOnlyMemory<byte> message, bool isBinary, out SocketIOPacket? packet);
}
