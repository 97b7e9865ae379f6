namespace StickyAspire.SocketIO.Protocol;

/// <summary>A packet as it goes to the transport.</summary>
/// <param name="First">
/// The first message. Text must begin with <c>4</c>, Engine.IO's digit for a message, so that the bytes need no copy; bytes stand alone.
/// </param>
/// <param name="IsBinary">Whether <paramref name="First"/> is bytes rather than UTF-8 text.</param>
/// <param name="Attachments">Binary messages that follow at once.</param>
public sealed record SocketIOFrames(ReadOnlyMemory<byte> First, bool IsBinary, ReadOnlyMemory<byte>[] Attachments);
