using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>What a client should have had while it was away.</summary>
/// <param name="Packets">The events, in their order, each with its offset.</param>
/// <param name="Through">The offset up to which was read, whether what stands there is for the client or not: what is delivered with an offset that is not after this one, it has.</param>
public sealed record MissedEvents(IReadOnlyList<SocketIOPacket> Packets, string Through);
