using System.Collections.Concurrent;

namespace StickyAspire.Yarp.Stats.Counting;

/// <summary>A cluster and its servers.</summary>
internal sealed class ClusterCounters(string id) : SessionCounters
{
    private readonly ConcurrentDictionary<string, ServerCounters> _servers = new(StringComparer.OrdinalIgnoreCase);

    public string Id => id;

    public ServerCounters Server(string serverId) =>
        _servers.TryGetValue(serverId, out var server) ? server : _servers.GetOrAdd(serverId, static each => new ServerCounters(each));

    /// <summary>Forgets the servers that are neither in use nor to be kept.</summary>
    public void Prune(Func<string, bool> keep) => Pruning.Prune(_servers, keep);
}
