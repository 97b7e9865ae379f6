using System.Globalization;
using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

/// <summary>HAProxy's <c>stick on</c> and <c>stick-table</c>, from a cluster's metadata.</summary>
/// <param name="Source">What sessions are known by.</param>
/// <param name="Name">The cookie's, header's or parameter's name; null for the affinity key name of YARP's configuration.</param>
/// <param name="Method">Default Hash; for AppCookie it is Table, since the application mints the key after the server has been chosen.</param>
/// <param name="Table">The table's limits.</param>
internal sealed record StickOptions(StickSource Source, string? Name, StickMethod Method, StickTableLimits Table)
{
    public const string OnKey = "Stick.On";
    public const string MethodKey = "Stick.Method";
    public const string TableSizeKey = "Stick.Table.Size";
    public const string TableExpireKey = "Stick.Table.Expire";

    private const string AllowedOn = "AppCookie:name, Header:name, Query:name or Source";
    private const int DefaultSize = 100_000;
    private const int MaxSize = 10_000_000;

    private static readonly TimeSpan DefaultExpire = TimeSpan.FromMinutes(30);
    private static readonly ConditionalWeakTable<ClusterConfig, StickOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static StickOptions Of(ClusterConfig cluster) =>
        Cache.TryGetValue(cluster, out var options) ? options : Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static StickOptions Read(MetadataReader metadata)
    {
        var (source, name) = ReadOn(metadata);
        return new StickOptions(
            source,
            name,
            metadata.ReadChoice(MethodKey, source == StickSource.AppCookie ? StickMethod.Table : StickMethod.Hash),
            new StickTableLimits(ReadSize(metadata), metadata.ReadTime(TableExpireKey, DefaultExpire, TimeSpan.FromSeconds(1), TimeSpan.FromDays(24))));
    }

    private static (StickSource Source, string? Name) ReadOn(MetadataReader metadata)
    {
        if (metadata.ReadText(OnKey) is not { } text)
        {
            return (StickSource.AppCookie, null);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? null : text[(colon + 1)..].Trim();
        if (char.IsAsciiLetter(text.FirstOrDefault())
            && Enum.TryParse<StickSource>(text.AsSpan(0, colon < 0 ? text.Length : colon), ignoreCase: true, out var source)
            && (source == StickSource.Source ? name is null : name is null or { Length: > 0 }))
        {
            return (source, name);
        }

        metadata.AddError(OnKey, text, AllowedOn);
        return (StickSource.AppCookie, null);
    }

    /// <summary>A number of entries, also as HAProxy writes it: <c>200k</c>, <c>1m</c>.</summary>
    private static int ReadSize(MetadataReader metadata)
    {
        if (metadata.ReadText(TableSizeKey) is not { } text)
        {
            return DefaultSize;
        }

        var factor = text.EndsWith('k') ? 1_000 : text.EndsWith('m') ? 1_000_000 : 1;
        if (long.TryParse(factor == 1 ? text : text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= MaxSize && number * factor <= MaxSize)
        {
            return (int)number * factor;
        }

        metadata.AddError(TableSizeKey, text, string.Create(CultureInfo.InvariantCulture, $"a number of entries from 1 to {MaxSize}, such as 5000, 200k or 1m"));
        return DefaultSize;
    }
}
