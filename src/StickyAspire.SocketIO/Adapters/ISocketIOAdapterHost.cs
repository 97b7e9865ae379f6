using System.Text.Json;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Adapters;

/// <summary>A namespace, as its adapter sees it.</summary>
public interface ISocketIOAdapterHost
{
    /// <summary>The namespace's name, with its slash.</summary>
    string Name { get; }

    /// <summary>Calls this server's handlers of an event that another server emitted.</summary>
    /// <param name="packet">The event.</param>
    /// <param name="answer">Called with the answer's arguments as a packet of type Ack, at most once; null where no answer is asked for.</param>
    ValueTask OnServerSideEmitAsync(SocketIOPacket packet, Action<SocketIOPacket>? answer);

    /// <summary>The arguments in a packet, as an emitter's callback gets them.</summary>
    SocketIOPayload GetArguments(SocketIOPacket packet);

    /// <summary>A socket's data as JSON, as other servers get it.</summary>
    JsonElement SerializeData(IReadOnlyDictionary<string, object?> data);
}
