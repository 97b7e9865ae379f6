using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StickyAspire.Yarp.Stats;
using StickyAspire.Yarp.Stats.Page;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the statistics.</summary>
public static class StatsEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps HAProxy's statistics page to the addresses of <see cref="StatsOptions.Uris"/>: the page itself, <c>;csv</c> and <c>;json</c> as HAProxy writes them, and <c>;events</c>, which keeps the page alive.
    /// No route of the proxy comes before them. They are open to everybody: see to it who may look, for example by <c>RequireAuthorization</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddStats</c> was not called.</exception>
    public static IEndpointConventionBuilder MapStats(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var resources = endpoints.ServiceProvider.GetRequiredService<StatsResources>();
        var options = endpoints.ServiceProvider.GetRequiredService<IOptions<StatsOptions>>().Value;
        var mapped = new List<IEndpointConventionBuilder>();
        foreach (var text in options.Uris.Count > 0 ? options.Uris : [StatsUri.Default])
        {
            if (!StatsUri.TryParse(text, out var uri))
            {
                throw new InvalidOperationException($"'{text}' is no address for statistics.");
            }

            if (uri.Query.Length > 0)
            {
                var query = new StatsQuery(uri.Query);
                mapped.Add(endpoints.Map(uri.Path, context => resources.ServeAsync(context, Locate(context, uri), query.Match(context.Request.QueryString.Value ?? "") ?? "")).WithMetadata(query));
            }
            else
            {
                mapped.Add(endpoints.Map(uri.Path, context => resources.ServeAsync(context, Locate(context, uri), "")));
                mapped.Add(endpoints.Map(uri.Path + ";{resource}", context => resources.ServeAsync(context, Locate(context, uri), (string)context.GetRouteValue("resource")!)));
            }
        }

        return new StatsEndpointConventions(mapped).WithDisplayName("Statistics").WithOrder(int.MinValue);
    }

    private static string Locate(HttpContext context, StatsUri uri) => context.Request.PathBase.ToUriComponent() + uri;
}
