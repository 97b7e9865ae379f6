namespace StickyAspire.RealtimeService.Status;

/// <summary>What a replica says of itself.</summary>
/// <param name="Server">Its server id.</param>
/// <param name="Adapter">How it reaches the others: <c>Streams</c>, <c>Sharded</c>, <c>PubSub</c>, or <c>Memory</c> where there are none.</param>
/// <param name="Recovery">Whether a Socket.IO client that comes back gets its session, and what it missed.</param>
internal sealed record ReplicaStatus(string Server, string Adapter, bool Recovery);
