using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StickyAspire.Connections;
using StickyAspire.Replica;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a service a replica behind a sticky gateway.</summary>
public static class ReplicaServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="ReplicaIdentity"/> and <see cref="ReplicaLifecycle"/>, configured by the sections <c>Replica</c> and <c>Sticky</c> and checked when the application starts.
    /// <c>UseReplica</c> and <c>MapReplica</c> do the rest.
    /// </summary>
    public static IServiceCollection AddReplica(this IServiceCollection services, Action<ReplicaOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReplicaOptions>, ReplicaOptionsValidator>());
        services.AddOptions<ReplicaOptions>().BindConfiguration(ReplicaOptions.SectionName).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StickyAdminOptions>, StickyAdminOptionsValidator>());
        services.AddOptions<StickyAdminOptions>().BindConfiguration(StickyAdminOptions.SectionName).ValidateOnStart();
        services.TryAddSingleton<ReplicaIdentity>();
        services.TryAddSingleton<ReplicaLifecycle>();
        services.TryAddSingleton<AdminKey>();
        services.AddDetachableConnections(filesPerConnection: 1);
        return services;
    }
}
