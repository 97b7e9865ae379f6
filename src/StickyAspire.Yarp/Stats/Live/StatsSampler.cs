using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StickyAspire.Yarp.Stats.Rows;

namespace StickyAspire.Yarp.Stats.Live;

/// <summary>Once a second: rows, their history, a frame for whoever watches. However many do, it is made once.</summary>
internal sealed partial class StatsSampler(SnapshotBuilder builder, StatsFeed feed, TimeProvider timeProvider, ILogger<StatsSampler> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Proxy, string Name), RowHistory> _histories = [];
    private readonly Lock _gate = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            try
            {
                feed.Publish(Sample());
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Statistics are not worth the gateway's life.
                LogFailed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private StatsFrame Sample()
    {
        var snapshot = builder.Build();
        lock (_gate)
        {
            foreach (var history in _histories.Values)
            {
                history.IsSeen = false;
            }

            foreach (var row in snapshot.Rows)
            {
                var key = (row.Proxy, row.Name);
                if (!_histories.TryGetValue(key, out var history))
                {
                    _histories.Add(key, history = new RowHistory());
                }

                history.Add(row);
            }

            foreach (var gone in _histories.Where(each => !each.Value.IsSeen).Select(each => each.Key).ToList())
            {
                _histories.Remove(gone);
            }
        }

        return new StatsFrame(snapshot, new Lazy<byte[]>(() => WriteFull(snapshot)), new Lazy<byte[]>(() => PageJson.Write(snapshot, null)));
    }

    private byte[] WriteFull(StatsSnapshot snapshot)
    {
        lock (_gate)
        {
            return PageJson.Write(snapshot, _histories);
        }
    }

    [LoggerMessage(LogLevel.Error, "Statistics could not be gathered this second")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
