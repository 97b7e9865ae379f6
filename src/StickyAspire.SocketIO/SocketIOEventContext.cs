using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>An event on its way to its handlers, as a socket's middleware sees it.</summary>
/// <param name="Socket">The socket that it came from.</param>
/// <param name="EventName">Its name.</param>
/// <param name="Payload">Its arguments.</param>
/// <param name="Ack">Answers it, where the client asked for an answer.</param>
public sealed record SocketIOEventContext(ISocketIOSocket Socket, string EventName, SocketIOPayload Payload, SocketIOAck Ack);
