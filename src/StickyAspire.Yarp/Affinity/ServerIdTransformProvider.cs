using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// What the application sees of the cookie that names its server: nothing (HAProxy's <c>indirect</c>), or in prefix mode its own value without the prefix.
/// </summary>
internal sealed class ServerIdTransformProvider : ITransformProvider
{
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        if (context.Cluster is { SessionAffinity: { Enabled: true, Policy: ServerIdSessionAffinityPolicy.PolicyName, AffinityKeyName: var name } } cluster)
        {
            var options = ServerCookieOptions.Of(cluster);
            if (options.Mode == CookieMode.Prefix || options is { Mode: CookieMode.Insert, Indirect: true })
            {
                context.RequestTransforms.Add(new CookieTransform(name, options.Mode));
            }
        }
    }

    private sealed class CookieTransform(string name, CookieMode mode) : RequestTransform
    {
        public override ValueTask ApplyAsync(RequestTransformContext context)
        {
            if (!CookieHeader.TryGet(context.HttpContext.Request.Headers.Cookie, name, out _))
            {
                return ValueTask.CompletedTask;
            }

            var headers = TakeHeader(context, "Cookie");
            foreach (var header in headers)
            {
                if (header is not null && Change(header) is { } rest)
                {
                    AddHeader(context, "Cookie", rest);
                }
            }

            return ValueTask.CompletedTask;
        }

        private string? Change(string header) =>
            mode == CookieMode.Prefix ? CookieHeader.RemovePrefix(header, name, ServerCookieValue.PrefixDelimiter) : CookieHeader.Remove(header, name);
    }
}
