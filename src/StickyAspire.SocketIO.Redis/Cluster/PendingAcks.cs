using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>A broadcast of this server whose answers come from other servers.</summary>
internal sealed record PendingAcks(Action<int> OnClientCount, Action<SocketIOPacket> OnAck);
