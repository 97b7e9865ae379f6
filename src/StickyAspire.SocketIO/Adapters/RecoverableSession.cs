namespace StickyAspire.SocketIO.Adapters;

/// <summary>What is kept of a socket for the time after its client has gone.</summary>
/// <param name="Id">The socket's id.</param>
/// <param name="Pid">The secret by which the client asks for it back.</param>
/// <param name="Rooms">The rooms it was in, its own included.</param>
/// <param name="Data">Its data.</param>
public sealed record RecoverableSession(string Id, string Pid, IReadOnlyCollection<string> Rooms, IReadOnlyDictionary<string, object?> Data);
