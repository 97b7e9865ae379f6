using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Redis;

namespace SocketIO.Tests.Redis;

/// <summary>What is allowed, and what is said of the rest.</summary>
public sealed class RedisAdapterOptionsTests
{
    [Fact]
    public void Defaults_AreAllowed() => Assert.Equal(RedisAdapterMode.PubSub, Validate(_ => { }).Mode);

    [Theory]
    [InlineData("00:00:00.001")]
    [InlineData("00:10:00")]
    public void RequestsTimeout_AtItsLimits_IsAllowed(string timeout) =>
        Assert.Equal(TimeSpan.Parse(timeout, null), Validate(options => options.RequestsTimeout = TimeSpan.Parse(timeout, null)).RequestsTimeout);

    public static TheoryData<string, Action<RedisAdapterOptions>> Wrong => new()
    {
        { nameof(RedisAdapterOptions.Mode), options => options.Mode = (RedisAdapterMode)9 },
        { nameof(RedisAdapterOptions.ChannelPrefix), options => options.ChannelPrefix = "" },
        { nameof(RedisAdapterOptions.RequestsTimeout), options => options.RequestsTimeout = TimeSpan.Zero },
        { nameof(RedisAdapterOptions.RequestsTimeout), options => options.RequestsTimeout = TimeSpan.FromMinutes(11) },
        { nameof(RedisAdapterOptions.SubscriptionMode), options => options.SubscriptionMode = (ShardedSubscriptionMode)9 },
        { nameof(RedisAdapterOptions.StreamName), options => options.StreamName = "" },
        { nameof(RedisAdapterOptions.StreamCount), options => options.StreamCount = 1_001 },
        { nameof(RedisAdapterOptions.StreamMaxLength), options => options.StreamMaxLength = 0 },
        { nameof(RedisAdapterOptions.StreamReadCount), options => options.StreamReadCount = 0 },
        { nameof(RedisAdapterOptions.StreamBlockTime), options => options.StreamBlockTime = TimeSpan.Zero },
        { nameof(RedisAdapterOptions.SessionKeyPrefix), options => options.SessionKeyPrefix = "" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Wrong))]
    public void Wrong_NamesTheOption(string name, Action<RedisAdapterOptions> configure)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Validate(configure));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    private static RedisAdapterOptions Validate(Action<RedisAdapterOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSocketIO().AddStackExchangeRedis("localhost", configure);
        return services.BuildServiceProvider().GetRequiredService<IOptions<RedisAdapterOptions>>().Value;
    }
}
