using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>What an idle process does with its memory.</summary>
public static class IdleCollectionExtensions
{
    /// <summary>
    /// Collects garbage, and gives its memory back to the system, when the process has allocated 8 MiB or more since the last time, and within the last 5 s used less than a tenth of a processor
    /// and allocated less than 1 MiB. It stands still for it, at most once in 30 s; how long is logged at level Debug.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="switchName">The configuration key that turns it off, with <c>false</c>. On by default.</param>
    public static TBuilder CollectWhenIdle<TBuilder>(this TBuilder builder, string switchName)
        where TBuilder : IHostApplicationBuilder
    {
        if (builder.Configuration.GetValue(switchName, true))
        {
            builder.Services.AddHostedService<IdleCollectionService>();
        }

        return builder;
    }
}
