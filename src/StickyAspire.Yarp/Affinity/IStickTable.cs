namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// HAProxy's stick table: which server a session was given. Register an implementation of your own as a singleton to share it between gateways;
/// the package StickyAspire.Yarp.Redis has one.
/// </summary>
/// <remarks>Neither method may throw because a store cannot be reached: affinity is then lost, requests are not.</remarks>
public interface IStickTable
{
    /// <summary>The server of that session, and its entry lives on for the whole time again; null where there is none.</summary>
    ValueTask<string?> FindAsync(StickTableKey key, StickTableLimits limits, CancellationToken cancellationToken);

    /// <summary>Puts the session there, in place of what was.</summary>
    ValueTask StoreAsync(StickTableKey key, string serverId, StickTableLimits limits, CancellationToken cancellationToken);
}
