using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace StickyAspire.Yarp.Affinity;

/// <summary>HAProxy's <c>indirect</c>: the application never sees the gateway's cookie.</summary>
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
        if (context.Cluster?.SessionAffinity is { Enabled: true, Policy: ServerIdSessionAffinityPolicy.PolicyName, AffinityKeyName: var name })
        {
            context.RequestTransforms.Add(new StripCookieTransform(name));
        }
    }

    private sealed class StripCookieTransform(string name) : RequestTransform
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
                if (header is not null && CookieHeader.Remove(header, name) is { } rest)
                {
                    AddHeader(context, "Cookie", rest);
                }
            }

            return ValueTask.CompletedTask;
        }
    }
}
