namespace StickyAspire.ServiceDefaults.Tests;

/// <summary>When an idle process collects.</summary>
public sealed class IdleCollectorTests
{
    private readonly IdleCollector _collector;
    private TimeSpan _cpuTime = TimeSpan.FromSeconds(1);
    private long _allocated = 1000;
    private int _collections;

    public IdleCollectorTests() => _collector = new IdleCollector(() => _cpuTime, () => _allocated, () => _collections++);

    [Fact]
    public void Look_AfterABurst_CollectsOnce()
    {
        _allocated += IdleCollector.WorthwhileBytes;

        Look(10 * IdleCollector.LooksBetween);

        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_WhileBusy_WaitsForQuiet()
    {
        for (var i = 0; i < 100; i++)
        {
            _allocated += IdleCollector.WorthwhileBytes;
            _cpuTime += IdleCollector.QuietCpuTime;
            Look(1);
        }

        Assert.Equal(0, _collections);
        Look(1);
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_BusyWithoutAllocating_DoesNotStopTheWork()
    {
        _allocated += IdleCollector.WorthwhileBytes;
        for (var i = 0; i < 100; i++)
        {
            _cpuTime += IdleCollector.Interval;
            Look(1);
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_LittleAllocated_IsNotWorthThePause()
    {
        _allocated += IdleCollector.WorthwhileBytes / 2;

        Look(10 * IdleCollector.LooksBetween);

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_BurstsAndQuietByTurns_CollectsNoOftenerThanItsPace()
    {
        for (var i = 0; i < 4 * IdleCollector.LooksBetween; i++)
        {
            _allocated += i % 2 == 0 ? IdleCollector.WorthwhileBytes : 0;
            Look(1);
        }

        Assert.Equal(4, _collections);
    }

    [Fact]
    public void Look_LightWorkThatGoesOnAllocating_IsLeftToTheRuntime()
    {
        for (var i = 0; i < 100; i++)
        {
            _allocated += IdleCollector.QuietBytes;
            Look(1);
        }

        Assert.Equal(0, _collections);
        Look(1);
        Assert.Equal(1, _collections);
    }

    private void Look(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _collector.Look();
        }
    }
}
