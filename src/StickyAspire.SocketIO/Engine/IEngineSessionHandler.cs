namespace StickyAspire.SocketIO.Engine;

/// <summary>What a protocol on top of Engine.IO makes of a session. Calls of one session come one after another, except <see cref="OnClosed"/>, which may come at any time.</summary>
public interface IEngineSessionHandler
{
    /// <summary>The session is open and can be sent to. Called once, before anything else.</summary>
    void OnOpened()
    {
    }

    /// <summary>
    /// A message came. While the returned task is not complete no further message of this session is read, which is how a handler holds back a flood.
    /// </summary>
    /// <param name="data">UTF-8 text or bytes. Text is valid only until the call returns its task; a binary message is the handler's to keep.</param>
    /// <param name="isBinary">Whether it is a binary message.</param>
    ValueTask OnMessageAsync(ReadOnlyMemory<byte> data, bool isBinary);

    /// <summary>The session has moved from polling to WebSocket.</summary>
    void OnUpgraded()
    {
    }

    /// <summary>The session ended. Called once.</summary>
    /// <param name="reason">One of <see cref="EngineCloseReason"/>.</param>
    void OnClosed(string reason);
}
