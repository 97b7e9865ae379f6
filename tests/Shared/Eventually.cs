namespace StickyAspire.TestSupport;

/// <summary>Waits for a condition, with a limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition, Func<string> what, TimeSpan? limit = null) => TrueAsync(() => ValueTask.FromResult(condition()), what, limit);

    public static async Task TrueAsync(Func<ValueTask<bool>> condition, Func<string> what, TimeSpan? limit = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(limit ?? DefaultLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Within {(limit ?? DefaultLimit).TotalSeconds} s it did not come about that {what()}");
            }
        }
    }
}
