namespace StickyAspire.Connections;

/// <summary>
/// How many clients a process may let in, so that there is a place in its table of open files for each one's own connection and for those that it will have made to servers: HAProxy's <c>maxconn</c>, computed
/// from <c>ulimit -n</c> as HAProxy does it.
/// </summary>
/// <param name="files">The table.</param>
/// <param name="filesPerConnection">The places that a client takes: 1, or 2 in a proxy. 0 where nobody says when connections end.</param>
internal sealed class ConnectionBudget(OpenFiles files, int filesPerConnection)
{
    /// <summary>What the process had open when its first client came: its own.</summary>
    private readonly Lazy<int> _others = new(files.Count);

    private int _connections;

    public OpenFiles Files => files;

    /// <summary>Whether all places are taken, once all clients have all that they may need.</summary>
    private bool IsPromised => _others.Value + ((long)filesPerConnection * Volatile.Read(ref _connections)) >= files.FewFrom;

    /// <summary>A client has been let in.</summary>
    /// <returns>Whether there may be no place for another.</returns>
    public bool Enter()
    {
        Interlocked.Increment(ref _connections);
        return files.CountOneMore() >= files.FewFrom || IsPromised;
    }

    /// <summary>A client's connection has been closed.</summary>
    public void Leave() => Interlocked.Decrement(ref _connections);

    /// <summary>Whether there is no place for another client.</summary>
    public bool IsSpent() => IsPromised || files.Count() >= files.FewFrom;
}
