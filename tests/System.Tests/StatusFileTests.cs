using StickyAspire.LocalHosting.Output;
using StickyAspire.SystemTests.Running;

namespace StickyAspire.SystemTests;

/// <summary>LocalHost's file for scripts, by which all the tests here know the system.</summary>
public sealed class StatusFileTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task ChangesAtTheSameMoment_LeaveTheLastPicture()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var file = new StatusFile(path);
            var state = "starting";
            using var isReading = new ManualResetEventSlim();
            using var mayWrite = new ManualResetEventSlim();
            var older = Task.Run(() => file.Write(() =>
            {
                var picture = Picture(state);
                isReading.Set();
                Assert.True(mayWrite.Wait(Limit, TestContext.Current.CancellationToken));
                return picture;
            }), TestContext.Current.CancellationToken);
            Assert.True(isReading.Wait(Limit, TestContext.Current.CancellationToken));

            state = "healthy";
            var newer = new Thread(() => file.Write(() => Picture(state)));
            newer.Start();
            await Eventually.TrueAsync(() => newer.ThreadState is ThreadState.WaitSleepJoin or ThreadState.Stopped, Limit, "the newer one waits, or is written");
            mayWrite.Set();
            newer.Join();
            await older;

            Assert.Contains("healthy", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static ResourceStatus[] Picture(string state) => [new("gateway", state, 1, null, null)];
}
