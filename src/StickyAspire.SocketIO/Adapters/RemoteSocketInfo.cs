using System.Text.Json;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>What servers tell each other of a socket.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Handshake">Node's handshake object.</param>
/// <param name="Rooms">Its rooms, its own included.</param>
/// <param name="Data">Its data.</param>
public sealed record RemoteSocketInfo(string Id, JsonElement Handshake, IReadOnlyCollection<string> Rooms, JsonElement Data);
