using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StickyAspire.Replica;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a service a replica behind a sticky gateway.</summary>
public static class ReplicaServiceCollectionExtensions
{
    /// <summary>Adds <see cref="ReplicaIdentity"/>, configured by section <c>Replica</c> and checked when the application starts.</summary>
    public static IServiceCollection AddReplica(this IServiceCollection services, Action<ReplicaOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReplicaOptions>, ReplicaOptionsValidator>());
        services.AddOptions<ReplicaOptions>().BindConfiguration(ReplicaOptions.SectionName).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddSingleton<ReplicaIdentity>();
        return services;
    }
}
