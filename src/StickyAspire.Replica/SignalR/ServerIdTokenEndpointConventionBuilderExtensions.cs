using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Replica;
using StickyAspire.Replica.SignalR;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Makes SignalR's connection tokens name the replica that minted them.</summary>
public static class ServerIdTokenEndpointConventionBuilderExtensions
{
    private const string NegotiateSuffix = "/negotiate";

    /// <summary>
    /// Puts the replica's id in front of the connection token that a hub's negotiation gives out (<c>s2.token</c>), and takes it off again
    /// where the token comes back as the query's <c>id</c>. So a gateway can keep clients without cookies at their replica.
    /// </summary>
    /// <param name="builder">What <c>MapHub</c> returned.</param>
    public static TBuilder WithServerIdTokens<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is not { } next || endpoint is not RouteEndpointBuilder route)
            {
                return;
            }

            var isNegotiate = route.RoutePattern.RawText?.EndsWith(NegotiateSuffix, StringComparison.Ordinal) == true;
            endpoint.RequestDelegate = isNegotiate
                ? context => NegotiateAnswer.RewriteAsync(context, next, GetServerId(context))
                : context => ConnectionTokenQuery.StripAsync(context, next, GetServerId(context));
        });
        return builder;
    }

    private static string GetServerId(HttpContext context) => context.RequestServices.GetRequiredService<ReplicaIdentity>().ServerId;
}
