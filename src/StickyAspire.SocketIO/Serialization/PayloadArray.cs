namespace StickyAspire.SocketIO.Serialization;

/// <summary>A payload that is to be written as an array, in the place of one argument.</summary>
/// <param name="Payload">The array's content.</param>
internal sealed record PayloadArray(SocketIOPayload Payload);
