namespace StickyAspire.SocketIO;

/// <summary>
/// Knows the session ids by which administrators come back without their password. Node's <c>store</c> option. The default keeps the last 1,000 in memory, so that a page that
/// reaches another server, or the same one after a restart, asks for the password again. To share them, register an implementation of your own as a singleton.
/// </summary>
public interface IAdminSessionStore
{
    /// <summary>Whether a session id has been given out, and still counts.</summary>
    /// <param name="sessionId">What the page says; anything may come.</param>
    ValueTask<bool> ExistsAsync(string sessionId);

    /// <summary>Keeps a session id.</summary>
    /// <param name="sessionId">A secret of 20 characters.</param>
    ValueTask SaveAsync(string sessionId);
}
