namespace StickyAspire.Yarp.Health;

/// <summary>Runs one check again and again: the next begins an interval after the one before has ended, so a slow server is never asked twice at once.</summary>
internal sealed class CheckLoop : IDisposable
{
    private readonly Func<CancellationToken, Task> _check;
    private readonly Func<TimeSpan> _getInterval;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private DateTimeOffset _dueAt = DateTimeOffset.MaxValue;
    private bool _isRunning;

    /// <param name="check">The check. Deals with its own errors.</param>
    /// <param name="getInterval">Asked after each check for the time until the next.</param>
    /// <param name="timeProvider">The time.</param>
    public CheckLoop(Func<CancellationToken, Task> check, Func<TimeSpan> getInterval, TimeProvider timeProvider)
    {
        _check = check;
        _getInterval = getInterval;
        _timeProvider = timeProvider;
        _timer = timeProvider.CreateTimer(static state => _ = ((CheckLoop)state!).RunAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends with the first check, or when the loop is disposed of before.</summary>
    public Task First => _first.Task;

    /// <summary>Sees to it that the next check comes within a time: the first one ever, or one sooner than it was due. Never later.</summary>
    public void Within(TimeSpan delay)
    {
        lock (_gate)
        {
            var due = _timeProvider.GetUtcNow() + delay;
            if (due < _dueAt && !_stopped.IsCancellationRequested)
            {
                _dueAt = due;
                if (!_isRunning)
                {
                    _timer.Change(delay, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer.Dispose();
        }

        // The token source is left to the collector: a check may still be on its way with its token.
        _stopped.Cancel();
        _first.TrySetResult();
    }

    private async Task RunAsync()
    {
        lock (_gate)
        {
            if (_isRunning || _stopped.IsCancellationRequested)
            {
                return;
            }

            _isRunning = true;
            _dueAt = DateTimeOffset.MaxValue;
        }

        try
        {
            await _check(_stopped.Token);
        }
        finally
        {
            lock (_gate)
            {
                _isRunning = false;
                var now = _timeProvider.GetUtcNow();
                var due = now + _getInterval();
                _dueAt = due < _dueAt ? due : _dueAt;
                if (!_stopped.IsCancellationRequested)
                {
                    _timer.Change(_dueAt > now ? _dueAt - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                }
            }

            _first.TrySetResult();
        }
    }
}
