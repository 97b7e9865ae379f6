namespace SocketIO.Tests.Conformance.Targets;

/// <summary>
/// The server under test. By default it is StickyAspire's conformance host; with <c>CONFORMANCE_SERVER=node</c> it is Node's server, which is how
/// the tests themselves are tested; with <c>CONFORMANCE_URL</c> it is whatever listens there.
/// </summary>
public abstract class ConformanceTarget : IAsyncLifetime
{
    private ServerProcess? _process;

    /// <summary>The address, without a path.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Keeps connections open between requests, as clients do.</summary>
    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>Settings beyond the contract's own.</summary>
    protected abstract IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The variable that names a server which already runs with these settings.</summary>
    protected virtual string UrlVariable => "CONFORMANCE_URL";

    public async ValueTask InitializeAsync()
    {
        if (System.Environment.GetEnvironmentVariable("CONFORMANCE_URL") is { Length: > 0 })
        {
            var url = System.Environment.GetEnvironmentVariable(UrlVariable);
            Assert.SkipWhen(string.IsNullOrEmpty(url), $"No server is given in {UrlVariable}.");
            Url = new Uri(url!);
            return;
        }

        _process = System.Environment.GetEnvironmentVariable("CONFORMANCE_SERVER") == "node"
            ? await ServerProcess.StartNodeAsync(Environment)
            : await ServerProcess.StartOwnAsync(Environment);
        Url = _process.Url;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
