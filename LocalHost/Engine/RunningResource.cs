using System.Diagnostics;
using StickyAspire.LocalHosting.Output;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>A resource with its process, through all its lives in this run.</summary>
internal sealed class RunningResource(Resource resource, Func<ChildProcess>? start, Func<CancellationToken, Task> waitUntilHealthy, string url)
{
    private static readonly TimeSpan MaxRestartDelay = TimeSpan.FromSeconds(10);

    /// <summary>A process that has run this long has earned a quick restart.</summary>
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _child;
    private Task _ended = Task.CompletedTask;
    private string _state = "waiting";
    private int? _exitCode;

    public Resource Resource { get; } = resource;

    /// <summary>Completes when the resource is healthy for the first time; fails if it ends before.</summary>
    public Task Healthy => _healthy.Task;

    /// <summary>Completes when the process that runs now, if any, has ended.</summary>
    public Task Ended => _ended;

    public ResourceStatus Status => new(Resource.Name, _state, _state is "starting" or "healthy" ? _child?.Id : null, url, _exitCode);

    /// <summary>Runs until the token is cancelled, or the process has ended and is not to be started again.</summary>
    /// <returns>Whether the process has ended by itself.</returns>
    public async Task RunAsync(bool restart, ResourceConsole console, Action onChange, CancellationToken stopping)
    {
        var delay = TimeSpan.FromMilliseconds(250);
        while (!stopping.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            _exitCode = null;
            SetState("starting", onChange);
            _child = start?.Invoke();
            onChange();
            _ended = _child?.WaitForExitAsync() ?? Task.CompletedTask;
            var exit = _ended as Task<int> ?? Task.Delay(Timeout.Infinite, stopping).ContinueWith(_ => 0, TaskScheduler.Default);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var healthy = WatchHealthAsync(onChange, ended.Token);
            var exitCode = await exit;
            await ended.CancelAsync();
            await healthy;
            _exitCode = exitCode;
            SetState("ended", onChange);
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            console.WriteLine($"{Resource.Name} ended with {Signals.Describe(exitCode)}.");
            if (!restart)
            {
                _healthy.TrySetException(new LocalHostException($"'{Resource.Name}' ended before it was healthy."));
                return;
            }

            delay = Stopwatch.GetElapsedTime(started) > StableAfter ? TimeSpan.FromMilliseconds(250) : delay;
            console.WriteLine($"{Resource.Name} is started again in {delay.TotalSeconds:0.##} s.");
            await Task.Delay(delay, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < MaxRestartDelay ? delay * 2 : MaxRestartDelay;
        }
    }

    public void Terminate() => _child?.Terminate();

    public void Kill() => _child?.Kill();

    private async Task WatchHealthAsync(Action onChange, CancellationToken ended)
    {
        try
        {
            await waitUntilHealthy(ended);
            SetState("healthy", onChange);
            _healthy.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // The process ended first.
        }
    }

    private void SetState(string state, Action onChange)
    {
        _state = state;
        onChange();
    }
}
