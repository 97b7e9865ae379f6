using System.Runtime.InteropServices;

namespace StickyAspire.Connections;

/// <summary>
/// How many clients a process may let in, so that there is a place in its table of open files for each one's own connection and for those that it will have made to servers: HAProxy's <c>maxconn</c>, computed
/// from <c>ulimit -n</c> as HAProxy does it.
/// </summary>
/// <param name="files">The table.</param>
/// <param name="filesPerConnection">The places that a client takes: 1, or 2 in a proxy. 0 where nobody says when connections end.</param>
internal sealed class ConnectionBudget(OpenFiles files, int filesPerConnection)
{
    private long _others = -1;
    private int _connections;

    public OpenFiles Files => files;

    /// <summary>A client has been let in.</summary>
    /// <returns>Whether there may be no place for another.</returns>
    public bool Enter(SafeHandle client)
    {
        // What the first client finds open is the process's own.
        Interlocked.CompareExchange(ref _others, OpenFiles.NumberOf(client), -1);
        Interlocked.Increment(ref _connections);
        return IsPromised || files.AreFew(client);
    }

    /// <summary>A client's connection has been closed.</summary>
    public void Leave() => Interlocked.Decrement(ref _connections);

    /// <summary>Whether there is no place for another client. Opens a file to find out.</summary>
    public bool IsSpent() => IsPromised || files.AreFew();

    /// <summary>Whether all places are taken, once all clients have all that they may need.</summary>
    private bool IsPromised => Volatile.Read(ref _others) + ((long)filesPerConnection * Volatile.Read(ref _connections)) >= files.FewFrom;
}
