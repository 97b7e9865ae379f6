using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>Options of the Socket.IO server. The names and defaults are those of Node's <c>socket.io</c> 4.8.</summary>
public sealed class SocketIOOptions
{
    /// <summary>Options of the transports below.</summary>
    [ValidateObjectMembers]
    public EngineOptions Engine { get; } = new();

    /// <summary>How long a client may stay connected without joining a namespace. Default 45 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The most binary attachments of one packet from a client. Default 10, as in <c>socket.io-parser</c> 4.2.6.</summary>
    [Range(0, 10_000)]
    public int MaxAttachments { get; set; } = 10;

    /// <summary>
    /// How many events of one connection may be in the hands of asynchronous handlers at a time. Default 256.
    /// While there are more, nothing further is read from that client, so a flood is held back by TCP instead of filling memory.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxPendingEvents { get; set; } = 256;

    /// <summary>Lets clients come back to the session they had, after a connection was lost for a while. Default null: off, as in Node.</summary>
    [ValidateObjectMembers]
    public ConnectionStateRecoveryOptions? ConnectionStateRecovery { get; set; }

    /// <summary>Whether a namespace that was made for a pattern goes again when its last client has left. Default false, as in Node.</summary>
    public bool CleanupEmptyChildNamespaces { get; set; }

    /// <summary>How many namespaces clients can bring into being by patterns. Default 100,000; further ones are refused as <c>Invalid namespace</c>. Node has no such bound.</summary>
    [Range(0, int.MaxValue)]
    public int MaxChildNamespaces { get; set; } = 100_000;

    /// <summary>
    /// How many namespaces one connection may be in, or on its way into, at a time. Default 1,000; further ones are refused as <c>Too many namespaces</c>. Node has no such bound.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxNamespacesPerConnection { get; set; } = 1_000;

    /// <summary>Whether a client learns the message of any exception that a handler throws, not only that of a <see cref="SocketIOException"/>. Default false.</summary>
    public bool EnableDetailedErrors { get; set; }

    /// <summary>
    /// How payloads are serialized. Default: camelCase as in SignalR, and unescaped text. For trimmed or ahead-of-time compiled applications,
    /// set <see cref="JsonSerializerOptions.TypeInfoResolver"/> to a source-generated context with your own types; JSON's own (texts, numbers, bytes,
    /// <see cref="JsonElement"/>, dictionaries of them) are known without.
    /// </summary>
    public JsonSerializerOptions JsonSerializerOptions { get; set; } = SocketIOSerializer.CreateDefaultOptions();

    /// <summary>
    /// The folder with npm's <c>socket.io-client/dist</c>, whose scripts are then served beside the endpoint (<c>/socket.io/socket.io.js</c> …), as Node's
    /// <c>serveClient</c> does. Default null: not served.
    /// </summary>
    public string? ClientDirectory { get; set; }

    /// <summary>The parser that both sides use. Default null: the protocol's own.</summary>
    public ISocketIOParser? Parser { get; set; }
}
