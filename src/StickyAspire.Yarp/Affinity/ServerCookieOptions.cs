using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Affinity;

/// <summary>HAProxy's <c>cookie</c> line, from a cluster's metadata. Name, path, domain and the browser's flags are YARP's <see cref="SessionAffinityConfig"/>.</summary>
/// <param name="Mode"><c>insert</c>, <c>rewrite</c> or <c>prefix</c>. Default Insert.</param>
/// <param name="Indirect">Insert: the application sees nothing of the cookie. Other modes: what the application sets is removed where the client has a valid one. Default true for Insert, else false.</param>
/// <param name="NoCache">An answer into which a cookie is inserted is marked <c>Cache-Control: private</c>. Default true.</param>
/// <param name="PostOnly">Inserts into answers to POST only. Default false.</param>
/// <param name="Preserve">What the application itself sets under the cookie's name goes to the client untouched, and nothing is inserted then. Default false.</param>
/// <param name="MaxIdle">A cookie is void when it has not been used for so long. Default none.</param>
/// <param name="MaxLife">A cookie is void when it is so old, used or not. Default none.</param>
/// <param name="DynamicKey">The secret from which, with a server's address, its cookie value is made; null where ids are used.</param>
/// <param name="Attr">Further attributes, separated by semicolons. Default none.</param>
internal sealed record ServerCookieOptions(
    CookieMode Mode, bool Indirect, bool NoCache, bool PostOnly, bool Preserve, TimeSpan? MaxIdle, TimeSpan? MaxLife, string? DynamicKey, string? Attr)
{
    public const string ModeKey = "Cookie.Mode";
    public const string IndirectKey = "Cookie.Indirect";
    public const string NoCacheKey = "Cookie.NoCache";
    public const string PostOnlyKey = "Cookie.PostOnly";
    public const string PreserveKey = "Cookie.Preserve";
    public const string MaxIdleKey = "Cookie.MaxIdle";
    public const string MaxLifeKey = "Cookie.MaxLife";
    public const string DynamicKeyName = "Cookie.Dynamic";
    public const string DynamicKeyKey = "Cookie.DynamicKey";
    public const string AttrKey = "Cookie.Attr";

    /// <summary>A destination's own cookie value, in place of its id (HAProxy's <c>server … cookie s1</c>).</summary>
    public const string ValueKey = "Cookie.Value";

    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(3_650);
    private static readonly ConditionalWeakTable<ClusterConfig, ServerCookieOptions> Cache = [];

    /// <summary>Whether cookies carry dates.</summary>
    public bool HasDates => MaxIdle is not null || MaxLife is not null;

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static ServerCookieOptions Of(ClusterConfig cluster) =>
        Cache.TryGetValue(cluster, out var options) ? options : Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static ServerCookieOptions Read(MetadataReader metadata)
    {
        var mode = metadata.ReadChoice(ModeKey, CookieMode.Insert);
        var options = new ServerCookieOptions(
            mode,
            metadata.ReadSwitch(IndirectKey, mode == CookieMode.Insert),
            metadata.ReadSwitch(NoCacheKey, true),
            metadata.ReadSwitch(PostOnlyKey, false),
            metadata.ReadSwitch(PreserveKey, false),
            metadata.ReadTime(MaxIdleKey, MinAge, MaxAge),
            metadata.ReadTime(MaxLifeKey, MinAge, MaxAge),
            metadata.ReadText(DynamicKeyKey),
            metadata.ReadText(AttrKey));
        var dynamic = metadata.ReadSwitch(DynamicKeyName, options.DynamicKey is not null);

        if (mode != CookieMode.Insert)
        {
            Refuse(metadata, MaxIdleKey, "none but with Cookie.Mode Insert");
            Refuse(metadata, MaxLifeKey, "none but with Cookie.Mode Insert");
            Refuse(metadata, PostOnlyKey, "none but with Cookie.Mode Insert");
        }

        if (options.Preserve && mode != CookieMode.Insert && !options.Indirect)
        {
            metadata.AddError(PreserveKey, "true", "true only with Cookie.Mode Insert or Cookie.Indirect");
        }

        if (dynamic && string.IsNullOrEmpty(options.DynamicKey))
        {
            metadata.AddError(DynamicKeyName, "true", "true only with a Cookie.DynamicKey");
        }

        if (options.Attr is { } attr && attr.Any(char.IsControl))
        {
            metadata.AddError(AttrKey, attr, "attributes without control characters");
        }

        return dynamic ? options : options with { DynamicKey = null };
    }

    private static void Refuse(MetadataReader metadata, string key, string allowed)
    {
        if (metadata.ReadText(key) is { } value)
        {
            metadata.AddError(key, value, allowed);
        }
    }
}
