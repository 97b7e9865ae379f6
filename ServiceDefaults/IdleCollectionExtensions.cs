using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StickyAspire.ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>What an idle process does with its memory.</summary>
public static class IdleCollectionExtensions
{
    /// <summary>
    /// Collects garbage, and gives its memory back to the system, when 8 MiB or more have been allocated since the last time and next to nothing (less than 1 MiB) within the
    /// last 5 s. The process stands still for it: some 50 ms with ten thousand sessions, at most once in 40 s, and never under load.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="switchName">The configuration key that turns it off, with <c>false</c>. On by default.</param>
    public static TBuilder CollectWhenIdle<TBuilder>(this TBuilder builder, string switchName)
        where TBuilder : IHostApplicationBuilder
    {
        if (builder.Configuration.GetValue(switchName, true))
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.AddHostedService<IdleCollectionService>();
        }

        return builder;
    }
}
