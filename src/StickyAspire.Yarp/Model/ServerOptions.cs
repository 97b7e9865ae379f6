using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Model;

/// <summary>HAProxy's <c>server</c> keywords, from a destination's metadata; the cluster's stand for those it has not, as HAProxy's <c>default-server</c> does.</summary>
/// <param name="Weight">Its share of new sessions in relation to the others' weights, 0 to 256. 0: no new sessions, those that stick stay. Default 1.</param>
/// <param name="IsBackup">Whether it is used only where no other server is available. Default false.</param>
/// <param name="SlowStart">How long a server that has come back takes to reach its full weight. Default 0: at once.</param>
/// <param name="MaxConn">The most sessions at once; null for no limit, the default. For <c>First</c>, how far a server is filled.</param>
internal sealed record ServerOptions(int Weight, bool IsBackup, TimeSpan SlowStart, int? MaxConn)
{
    public const string WeightKey = "Server.Weight";
    public const string BackupKey = "Server.Backup";
    public const string SlowStartKey = "Server.SlowStart";
    public const string MaxConnKey = "Admission.MaxConn";

    /// <summary>What a server without any metadata has.</summary>
    public static readonly ServerOptions Default = new(1, false, TimeSpan.Zero, null);

    private const int MaxMaxConn = 1_000_000;

    private static readonly TimeSpan MaxSlowStart = TimeSpan.FromDays(1);

    /// <summary>A destination's options.</summary>
    public static ServerOptions Of(ClusterConfig cluster, DestinationConfig destination) =>
        Read(new MetadataReader(destination.Metadata, "Destination"), Read(new MetadataReader(cluster.Metadata, cluster.ClusterId), Default));

    public static ServerOptions Read(MetadataReader metadata, ServerOptions fallback) => new(
        metadata.ReadInt32(WeightKey, fallback.Weight, 0, 256),
        metadata.ReadSwitch(BackupKey, fallback.IsBackup),
        metadata.ReadTime(SlowStartKey, fallback.SlowStart, TimeSpan.Zero, MaxSlowStart),
        metadata.ReadInt32(MaxConnKey, fallback.MaxConn ?? 0, 0, MaxMaxConn) is > 0 and var max ? max : null);
}
