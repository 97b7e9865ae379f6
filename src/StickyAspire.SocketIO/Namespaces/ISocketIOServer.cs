using System.Text.Json;
using System.Text.RegularExpressions;

namespace StickyAspire.SocketIO;

/// <summary>The server: Node's <c>io</c>. As a namespace it is the default one, <c>/</c>. Can be injected anywhere.</summary>
public interface ISocketIOServer : ISocketIONamespace
{
    /// <summary>How many transport sessions there are on this server, of every namespace and transport. Node's <c>io.engine.clientsCount</c>.</summary>
    int ClientsCount { get; }

    /// <summary>The namespace of that name, created if need be. A missing slash is added.</summary>
    ISocketIONamespace Of(string name);

    /// <summary>
    /// Namespaces whose whole name matches. One comes into being when the first client asks for it, with the middlewares and connection handlers that the result has then;
    /// what is emitted to the result reaches the clients of all of them.
    /// </summary>
    /// <param name="pattern">For example <c>new Regex(@"^/room-\d+$")</c>. It runs on what clients send: give it a timeout, or <see cref="RegexOptions.NonBacktracking"/>.</param>
    ISocketIONamespace Of(Regex pattern);

    /// <summary>Namespaces that a predicate accepts, as <see cref="Of(Regex)"/> has it.</summary>
    /// <param name="accepts">Gets the name and what the client gave as <c>auth</c>. One that throws refuses the client.</param>
    ISocketIONamespace Of(Func<string, JsonElement, ValueTask<bool>> accepts);

    /// <summary>Adds a handler that is called with each namespace that comes into being from now on. Node's <c>new_namespace</c> event.</summary>
    void OnNamespaceCreated(Action<ISocketIONamespace> handler);

    /// <summary>Disconnects every client with <c>server shutting down</c>; they reconnect, to another server where there is one. Called when the host stops.</summary>
    ValueTask CloseAsync();
}
