using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>Handles an event. The seam beneath the typed <c>On</c> methods.</summary>
/// <param name="reader">The event's arguments, to be read before the handler's first <see langword="await"/>.</param>
/// <returns>A task that ends when the event has been handled.</returns>
public delegate ValueTask SocketIOEventHandler(ref SocketIOEventReader reader);
