using StickyAspire.Yarp.Stats.Counting;

namespace Yarp.Tests.Stats;

public sealed class RateCounterTests
{
    [Fact]
    public void Read_WithinASecond_CountsWhatIsInIt()
    {
        var rate = new RateCounter();
        for (var i = 0; i < 5; i++)
        {
            rate.Add(10_100 + (i * 100));
        }

        Assert.Equal(5, rate.Read(10_900));
        Assert.Equal(5, rate.Max);
    }

    [Fact]
    public void Read_InTheNextSecond_CountsOfThePreviousWhatIsStillInTheWindow()
    {
        var rate = new RateCounter();
        for (var i = 0; i < 100; i++)
        {
            rate.Add(10_500);
        }

        rate.Add(11_100);
        Assert.Equal(1 + 75, rate.Read(11_250));
        Assert.Equal(1, rate.Read(11_999));
        Assert.Equal(100, rate.Max);
    }

    [Fact]
    public void Max_OfAWindowAcrossTwoSeconds_IsNeverLessThanTheRate()
    {
        var rate = new RateCounter();
        for (var i = 0; i < 20; i++)
        {
            rate.Add(i < 10 ? 10_900 : 11_050);
        }

        Assert.Equal(19, rate.Read(11_100));
        Assert.Equal(19, rate.Max);
    }

    [Fact]
    public void Add_ByAThreadThatComesLate_DoesNotTurnTheSecondBack()
    {
        var rate = new RateCounter();
        rate.Add(11_000);
        rate.Add(11_000);
        rate.Add(10_999);

        Assert.Equal(3, rate.Read(11_500));
    }

    [Fact]
    public void Read_LongAfter_IsZero()
    {
        var rate = new RateCounter();
        rate.Add(10_500);

        Assert.Equal(0, rate.Read(12_000));
        Assert.Equal(0, rate.Read(60_000));
    }

    [Fact]
    public void Add_ByManyThreads_LosesNothing()
    {
        var holder = new Holder();
        Parallel.For(0, 20_000, _ => holder.Rate.Add(5_500));

        Assert.Equal(20_000, holder.Rate.Read(5_600));
        Assert.Equal(20_000, holder.Rate.Max);
    }

    private sealed class Holder
    {
        public RateCounter Rate;
    }
}
