namespace StickyAspire.SocketIO.Engine;

/// <summary>Why a request was refused, with the codes and messages of Node's engine.io: <c>{"code":1,"message":"Session ID unknown"}</c>.</summary>
/// <param name="Code">0 to 5, or -1 where no code exists.</param>
/// <param name="Message">The text that the client gets.</param>
/// <param name="Reason">A finer reason for logs, such as <c>TRANSPORT_MISMATCH</c>; never sent to the client. The <c>name</c> in the context of Node's <c>connection_error</c>.</param>
public sealed record EngineError(int Code, string Message, string? Reason = null)
{
    private const string ForbiddenMessage = "Forbidden";

    internal static readonly EngineError UnknownTransport = new(0, "Transport unknown");
    internal static readonly EngineError UnknownSid = new(1, "Session ID unknown");
    internal static readonly EngineError BadHandshakeMethod = new(2, "Bad handshake method");
    internal static readonly EngineError InvalidOrigin = new(3, "Bad request", "INVALID_ORIGIN");
    internal static readonly EngineError TransportMismatch = new(3, "Bad request", "TRANSPORT_MISMATCH");
    internal static readonly EngineError ProtocolMismatch = new(3, "Bad request", "PROTOCOL_MISMATCH");
    internal static readonly EngineError TransportHandshakeError = new(3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR");
    internal static readonly EngineError IdGenerationError = new(3, "Bad request", "ID_GENERATION_ERROR");
    internal static readonly EngineError UnsupportedProtocolVersion = new(5, "Unsupported protocol version");

    /// <summary>What was thrown, where that is the reason: <c>ID_GENERATION_ERROR</c>. Never sent to the client.</summary>
    public Exception? Exception { get; init; }

    internal static EngineError Forbidden(string message) => new(4, message.Length == 0 ? ForbiddenMessage : message);

    /// <summary>The status of the HTTP answer: 403 for <c>Forbidden</c>, else 400.</summary>
    internal int StatusCode => Code == 4 ? 403 : 400;
}
