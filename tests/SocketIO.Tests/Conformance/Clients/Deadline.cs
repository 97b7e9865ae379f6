namespace SocketIO.Tests.Conformance.Clients;

/// <summary>How long a test waits for what must happen.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(10);

    /// <summary>Cancelled when the deadline is over, or the test run.</summary>
    public static CancellationTokenSource Start(TimeSpan? deadline = null)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(deadline ?? Default);
        return source;
    }
}
