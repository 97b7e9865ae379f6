using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Membership;

/// <summary>YARP's own updater, and a word to <see cref="DestinationsWatch"/> after it. YARP calls it whenever a server comes, goes or changes its health, and has no event for that.</summary>
internal sealed class WatchedDestinationsUpdater(IClusterDestinationsUpdater inner, DestinationsWatch watch) : IClusterDestinationsUpdater
{
    public const string InnerKey = "StickyAspire.Yarp.Inner";

    public void UpdateAvailableDestinations(ClusterState cluster)
    {
        inner.UpdateAvailableDestinations(cluster);
        watch.NotifyChanged(cluster);
    }

    public void UpdateAllDestinations(ClusterState cluster)
    {
        inner.UpdateAllDestinations(cluster);
        watch.NotifyChanged(cluster);
    }
}
