using Microsoft.Extensions.Options;

namespace StickyAspire.Yarp.Stats.Live;

/// <summary>Hands each second's frame to everybody who waits for it. Whoever is too slow for one gets the next.</summary>
internal sealed class StatsFeed(IOptions<StatsOptions> options)
{
    private volatile TaskCompletionSource<StatsFrame> _next = Create();
    private Task<StatsFrame>? _current;
    private int _viewers;

    public int Viewers => Volatile.Read(ref _viewers);

    /// <summary>The latest frame; in the very beginning, the first.</summary>
    public Task<StatsFrame> Current => Volatile.Read(ref _current) ?? _next.Task;

    /// <summary>The frame to come.</summary>
    public Task<StatsFrame> Next => _next.Task;

    public void Publish(StatsFrame frame)
    {
        var waiting = _next;
        Volatile.Write(ref _current, Task.FromResult(frame));
        _next = Create();
        waiting.SetResult(frame);
    }

    /// <summary>False where as many watch as may.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _viewers) <= options.Value.MaxViewers)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _viewers);

    private static TaskCompletionSource<StatsFrame> Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
