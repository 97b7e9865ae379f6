using StickyAspire.Yarp.Stats.Counting;

namespace Yarp.Tests.Stats;

public sealed class RollingAverageTests
{
    [Fact]
    public void Average_OfFewerThan1024_IsExact()
    {
        var average = new RollingAverage();
        for (var i = 1; i <= 1_000; i++)
        {
            average.Add(i);
        }

        Assert.Equal(500, average.Average, 1.0);
        Assert.Equal(1_000, average.Max);
    }

    [Fact]
    public void Average_AfterManyMore_IsOfTheLast()
    {
        var average = new RollingAverage();
        for (var i = 0; i < 5_000; i++)
        {
            average.Add(1_000);
        }

        for (var i = 0; i < 10_240; i++)
        {
            average.Add(10);
        }

        Assert.Equal(10, average.Average);
    }
}
