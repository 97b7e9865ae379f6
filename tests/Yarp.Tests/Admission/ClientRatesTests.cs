using System.Net;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.Admission;

namespace Yarp.Tests.Admission;

public sealed class ClientRatesTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void Address_IsAClient_AnIPv6NetworkIsOne(string first, string second, bool isSame)
    {
        var rates = new ClientRates(_time);

        Assert.True(rates.TryTake(IPAddress.Parse(first), 1));
        Assert.Equal(!isSame, rates.TryTake(IPAddress.Parse(second), 1));
    }

    [Fact]
    public void Memory_IsBounded_UnderVeryManyAddresses()
    {
        var rates = new ClientRates(_time);
        for (var i = 0; i < 250_000; i++)
        {
            rates.TryTake(new IPAddress((long)i), 1);
        }

        Assert.InRange(rates.Count, 1, 100_000);
    }
}
