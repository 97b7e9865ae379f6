using System.Diagnostics;

namespace StickyAspire.SystemTests.Running;

/// <summary>Waits for something to become true.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<bool> condition, TimeSpan limit, string what) => TrueAsync(() => Task.FromResult(condition()), limit, what);

    public static Task TrueAsync(Func<bool> condition, TimeSpan limit, Func<string> what) => TrueAsync(() => Task.FromResult(condition()), limit, what);

    public static Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, string what) => TrueAsync(condition, limit, () => what);

    /// <summary>Asks again and again until the answer is yes; fails past the limit.</summary>
    private static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, Func<string> what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < limit, $"Within {limit.TotalSeconds} s it did not come about that {what()}.");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
