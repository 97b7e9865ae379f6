using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Health;

/// <summary>HAProxy's keywords of active checks, from a destination's metadata; the cluster's stand for those it has not.</summary>
/// <param name="Inter">The time between two checks. Default: the cluster's <c>HealthCheck.Active.Interval</c>, else 2 seconds, HAProxy's.</param>
/// <param name="FastInter">The same while a server is on its way up or down, and before it is known. Default: <paramref name="Inter"/>.</param>
/// <param name="DownInter">The same while it is down. Default: <paramref name="Inter"/>.</param>
/// <param name="Rise">How many checks in a row must pass before a server that is down is up again. Default 2.</param>
/// <param name="Fall">How many checks in a row must fail before a server that is up is down. Default 3.</param>
/// <param name="Spread">By how many percent the time between two checks varies at random, so that gateways do not all check at once (HAProxy's <c>spread-checks</c>). 0 to 50, default 5.</param>
/// <param name="OnMarkedDown">What becomes of its sessions when the server goes down.</param>
/// <param name="OnMarkedUp">What becomes of backup servers' sessions when the server comes up.</param>
internal sealed record CheckOptions(
    TimeSpan Inter, TimeSpan FastInter, TimeSpan DownInter, int Rise, int Fall, int Spread, MarkedDownAction OnMarkedDown, MarkedUpAction OnMarkedUp)
{
    public const string InterKey = "Check.Inter";
    public const string FastInterKey = "Check.FastInter";
    public const string DownInterKey = "Check.DownInter";
    public const string RiseKey = "Check.Rise";
    public const string FallKey = "Check.Fall";
    public const string SpreadKey = "Check.Spread";
    public const string OnMarkedDownKey = "Check.OnMarkedDown";
    public const string OnMarkedUpKey = "Check.OnMarkedUp";

    private const int Max = 1_000;
    private const int MaxSpread = 50;

    private static readonly TimeSpan DefaultInter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MinInter = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxInter = TimeSpan.FromDays(1);

    private static readonly ConditionalWeakTable<ClusterConfig, StrongBox<bool>> EndingClusters = [];

    /// <summary>Whether any of the cluster's servers may have its sessions ended, so that they must be kept track of.</summary>
    public static bool MayEndSessions(ClusterConfig cluster) => EndingClusters.GetValue(cluster, static each => new StrongBox<bool>(
        (each.Destinations?.Values ?? []).Any(destination => Of(each, destination) is { OnMarkedDown: MarkedDownAction.ShutdownSessions } or { OnMarkedUp: MarkedUpAction.ShutdownBackupSessions }))).Value;

    /// <summary>A destination's options.</summary>
    public static CheckOptions Of(ClusterConfig cluster, DestinationConfig? destination) =>
        Read(new MetadataReader(destination?.Metadata, "Destination"), new MetadataReader(cluster.Metadata, cluster.ClusterId), cluster.HealthCheck?.Active?.Interval ?? DefaultInter);

    /// <summary>Reads, and so checks, one owner's metadata alone.</summary>
    public static void Check(MetadataReader metadata) => Read(metadata, new MetadataReader(null, ""), DefaultInter);

    private static CheckOptions Read(MetadataReader own, MetadataReader cluster, TimeSpan interval)
    {
        // Every key is asked of both, so that a misspelt one can be told from those that are known.
        var inter = ReadInter(InterKey) ?? interval;
        return new CheckOptions(
            inter,
            ReadInter(FastInterKey) ?? inter,
            ReadInter(DownInterKey) ?? inter,
            own.ReadInt32(RiseKey, cluster.ReadInt32(RiseKey, 2, 1, Max), 1, Max),
            own.ReadInt32(FallKey, cluster.ReadInt32(FallKey, 3, 1, Max), 1, Max),
            own.ReadInt32(SpreadKey, cluster.ReadInt32(SpreadKey, 5, 0, MaxSpread), 0, MaxSpread),
            own.ReadChoice(OnMarkedDownKey, cluster.ReadChoice(OnMarkedDownKey, MarkedDownAction.None)),
            own.ReadChoice(OnMarkedUpKey, cluster.ReadChoice(OnMarkedUpKey, MarkedUpAction.None)));

        TimeSpan? ReadInter(string key)
        {
            var fallback = cluster.ReadTime(key, MinInter, MaxInter);
            return own.ReadTime(key, MinInter, MaxInter) ?? fallback;
        }
    }
}
