using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Affinity;
using StickyAspire.Yarp.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Stick tables that several gateways share.</summary>
public static class RedisStickTableReverseProxyBuilderExtensions
{
    /// <summary>
    /// Keeps the tables of <c>Stick.Method</c> <c>Table</c> in Redis 6.2 or later. <c>Stick.Table.Expire</c> holds there; <c>Stick.Table.Size</c> is the limit of what each gateway remembers for
    /// an outage, since Redis has limits of its own (<c>maxmemory</c>). While Redis cannot be reached, every gateway goes by the sessions it has seen itself.
    /// </summary>
    /// <param name="builder">YARP's builder, in any order with <c>AddStickySessions</c>.</param>
    /// <param name="connectionString">As StackExchange.Redis reads it, for example <c>localhost:6379</c>.</param>
    /// <exception cref="ArgumentException">The connection string is empty, or none.</exception>
    public static IReverseProxyBuilder AddRedisStickTables(this IReverseProxyBuilder builder, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        builder.Services.Replace(ServiceDescriptor.Singleton<IStickTable>(provider => new RedisStickTable(
            connectionString,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<RedisStickTable>>())));
        return builder;
    }
}
