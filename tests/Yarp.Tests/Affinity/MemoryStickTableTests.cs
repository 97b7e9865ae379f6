using Microsoft.Extensions.Time.Testing;
using StickyAspire.Yarp.Affinity;

namespace Yarp.Tests.Affinity;

public sealed class MemoryStickTableTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StickTableLimits _limits = new(3, TimeSpan.FromMinutes(1));

    [Fact]
    public async Task StickTable_size_MakesRoomByForgettingWhatWasUnusedForLongest()
    {
        var table = new MemoryStickTable(_time);
        foreach (var key in new[] { 1, 2, 3 })
        {
            await StoreAsync(table, key, $"s{key}");
        }

        Assert.Equal("s1", await FindAsync(table, 1));
        await StoreAsync(table, 4, "s4");

        Assert.Equal(3, table.Count("c"));
        Assert.Equal("s1", await FindAsync(table, 1));
        Assert.Null(await FindAsync(table, 2));
        Assert.Equal("s3", await FindAsync(table, 3));
    }

    [Fact]
    public async Task StickTable_expire_FreesMemory_WithoutALookup()
    {
        var table = new MemoryStickTable(_time);
        await StoreAsync(table, 1, "s1");
        await StoreAsync(table, 2, "s2");
        _time.Advance(TimeSpan.FromMinutes(1));

        await StoreAsync(table, 3, "s3");

        Assert.Equal(1, table.Count("c"));
        Assert.Null(await FindAsync(table, 1));
    }

    [Fact]
    public async Task Clusters_HaveTablesOfTheirOwn()
    {
        var table = new MemoryStickTable(_time);
        await StoreAsync(table, 1, "s1");

        Assert.Null(await table.FindAsync(new StickTableKey("other", 1), _limits, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Finding_AllocatesNothing()
    {
        var table = new MemoryStickTable(_time);
        await StoreAsync(table, 1, "s1");
        await FindAsync(table, 1);

        var cancel = TestContext.Current.CancellationToken;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            await table.FindAsync(new StickTableKey("c", 1), _limits, cancel);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private ValueTask<string?> FindAsync(MemoryStickTable table, int key) => table.FindAsync(new StickTableKey("c", (UInt128)key), _limits, TestContext.Current.CancellationToken);

    private ValueTask StoreAsync(MemoryStickTable table, int key, string server) => table.StoreAsync(new StickTableKey("c", (UInt128)key), server, _limits, TestContext.Current.CancellationToken);
}
