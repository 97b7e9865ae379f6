namespace StickyAspire.SocketIO.Engine;

internal enum EngineSessionState
{
    Open,

    /// <summary>Closed by the server; what was sent before is still on its way.</summary>
    Closing,
    Closed,
}
