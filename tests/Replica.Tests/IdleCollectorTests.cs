using StickyAspire.ServiceDefaults;

namespace StickyAspire.Replica.Tests;

/// <summary>When an idle process collects.</summary>
public sealed class IdleCollectorTests
{
    private long _allocated = 1000;
    private int _collections;

    [Fact]
    public void Look_AfterABurst_CollectsOnceItIsQuiet()
    {
        var collector = new IdleCollector(() => _allocated, () => _collections++);
        _allocated += 2 * IdleCollector.WorthwhileBytes;
        collector.Look();
        Assert.Equal(0, _collections);

        collector.Look();
        collector.Look();

        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_WhileBusy_LeavesItToTheRuntime()
    {
        var collector = new IdleCollector(() => _allocated, () => _collections++);
        for (var i = 0; i < 100; i++)
        {
            _allocated += IdleCollector.QuietBytes;
            collector.Look();
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_QuietForLong_CollectsNoOftenerThanIsWorthwhile()
    {
        var collector = new IdleCollector(() => _allocated, () => _collections++);
        var start = _allocated;
        for (var i = 0; i < 100; i++)
        {
            _allocated += IdleCollector.QuietBytes - 1;
            collector.Look();
        }

        Assert.InRange(_collections, 1, (int)((_allocated - start) / IdleCollector.WorthwhileBytes) + 1);
    }
}
