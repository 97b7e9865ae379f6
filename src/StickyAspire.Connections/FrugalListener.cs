using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace StickyAspire.Connections;

/// <summary>
/// Takes no more clients while the process has few places left in its table of open files: they wait in the system's queue, as HAProxy lets them wait at its <c>maxconn</c>. Without a place for the next client
/// Kestrel would try again and again without a pause, until the process dies of it.
/// </summary>
internal sealed partial class FrugalListener(IConnectionListener inner, ConnectionBudget budget, TimeProvider timeProvider, ILogger logger) : IConnectionListener
{
    /// <summary>How long it takes at most to see that there are places again.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A full table is full again with each client that comes in another's place.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _unbound = new();
    private DateTimeOffset _quietUntil;
    private bool _mayBeFull;

    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (_mayBeFull)
        {
            await WaitForPlacesAsync();
        }

        var connection = await inner.AcceptAsync(cancellationToken);
        _mayBeFull = connection is not null && budget.Enter();
        return connection;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        await inner.UnbindAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _unbound.Dispose();
        return inner.DisposeAsync();
    }

    private async ValueTask WaitForPlacesAsync()
    {
        if (!budget.IsSpent())
        {
            return;
        }

        if (timeProvider.GetUtcNow() >= _quietUntil)
        {
            _quietUntil = timeProvider.GetUtcNow() + LogInterval;
            LogFull(logger, EndPoint, budget.Files.Limit);
        }

        do
        {
            await Task.Delay(ProbeInterval, timeProvider, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!_unbound.IsCancellationRequested && budget.IsSpent());
    }

    [LoggerMessage(LogLevel.Warning, "{EndPoint} takes no more connections: the {Limit} files that this process may have open (ulimit -n) are all promised. New ones wait in the system's queue.")]
    private static partial void LogFull(ILogger logger, EndPoint endPoint, int limit);
}
