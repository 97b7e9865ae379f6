using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>What the policy <c>ConsistentHash</c> goes by, from a cluster's metadata.</summary>
/// <param name="On">What is hashed. Default <see cref="HashSource.Source"/>.</param>
/// <param name="Name">The header's, cookie's or query parameter's name; empty for the others.</param>
/// <param name="BalanceFactor">
/// HAProxy's <c>hash-balance-factor</c>: the most load a server may have, in percent of the average, before its keys go to the next one on the ring; 101 to 65535, or 0 for no bound, the default.
/// </param>
internal sealed record HashOptions(HashSource On, string Name, int BalanceFactor)
{
    public const string OnKey = "Hash.On";
    public const string TypeKey = "Hash.Type";
    public const string BalanceFactorKey = "Hash.BalanceFactor";

    private const string Consistent = "Consistent";

    private static readonly ConditionalWeakTable<ClusterConfig, HashOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static HashOptions Of(ClusterConfig cluster) => Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static HashOptions Read(MetadataReader metadata)
    {
        if (metadata.ReadText(TypeKey) is { } type && !type.Equals(Consistent, StringComparison.OrdinalIgnoreCase))
        {
            metadata.AddError(TypeKey, type, Consistent);
        }

        var (on, name) = ReadOn(metadata);
        return new HashOptions(on, name, ReadBalanceFactor(metadata));
    }

    private static (HashSource On, string Name) ReadOn(MetadataReader metadata)
    {
        if (metadata.ReadText(OnKey) is not { } text)
        {
            return (HashSource.Source, "");
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? "" : text[(colon + 1)..];
        foreach (var on in Enum.GetValues<HashSource>())
        {
            var needsName = on is HashSource.Header or HashSource.Cookie or HashSource.Query;
            if (text.AsSpan(0, colon < 0 ? text.Length : colon).Equals(on.ToString(), StringComparison.OrdinalIgnoreCase) && needsName == (name.Length > 0) && needsName == (colon >= 0))
            {
                return (on, name);
            }
        }

        metadata.AddError(OnKey, text, "Source, Path, Header:name, Cookie:name or Query:name");
        return (HashSource.Source, "");
    }

    private static int ReadBalanceFactor(MetadataReader metadata)
    {
        var factor = metadata.ReadInt32(BalanceFactorKey, 0, 0, ushort.MaxValue);
        if (factor is > 0 and <= 100)
        {
            // At 100 % and below, all servers together could not take all sessions.
            metadata.AddError(BalanceFactorKey, metadata.ReadText(BalanceFactorKey) ?? "", "0, or a whole number from 101 to 65535");
            return 0;
        }

        return factor;
    }
}
