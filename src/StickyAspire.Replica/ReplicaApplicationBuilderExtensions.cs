using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Replica;
using StickyAspire.Trunks;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets a replica take part behind a sticky gateway.</summary>
public static class ReplicaApplicationBuilderExtensions
{
    private static readonly (string Word, ReplicaState State)[] Words = [("ready", ReplicaState.Ready), ("drain", ReplicaState.Drain), ("maint", ReplicaState.Maint)];

    /// <summary>
    /// Counts requests in progress, and adds the header <c>X-Sticky-State</c> to answers to health checks, at <see cref="ReplicaOptions.CheckPath"/>. Call it first, so that all of them are counted.
    /// </summary>
    public static IApplicationBuilder UseReplica(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseMiddleware<ReplicaMiddleware>();
    }

    /// <summary>
    /// Maps <c>POST /sticky/ready</c>, <c>/sticky/drain</c> and <c>/sticky/maint</c>, which change the replica's state and answer with its report. The header <c>X-Sticky-Key</c> must hold
    /// <see cref="StickyAdminOptions.AdminKey"/>: else 401, and 404 where none is configured.
    /// </summary>
    public static IEndpointConventionBuilder MapReplica(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var group = endpoints.MapGroup("/sticky");
        foreach (var (word, state) in Words)
        {
            group.MapPost(word, context => SetStateAsync(context, state));
        }

        group.MapGet(TrunkProtocol.Word, TrunkEndpoint.AcceptAsync).WithOwnLoadCount();
        return group;
    }

    /// <summary>Says that an <see cref="ILoadSource"/> counts this endpoint's sessions, so that its requests are not counted as well.</summary>
    public static TBuilder WithOwnLoadCount<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(OwnLoadCount.Instance));
        return builder;
    }

    private static Task SetStateAsync(HttpContext context, ReplicaState state)
    {
        var key = context.RequestServices.GetRequiredService<AdminKey>();
        if (!key.IsConfigured)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (!key.Matches(context.Request.Headers[AdminKey.HeaderName]))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        var lifecycle = context.RequestServices.GetRequiredService<ReplicaLifecycle>();
        lifecycle.SetState(state);
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(lifecycle.CreateReport());
    }
}
