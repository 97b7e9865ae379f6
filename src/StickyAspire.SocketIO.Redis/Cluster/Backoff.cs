namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>How long to wait before the next try: twice as long each time, up to 5 seconds, with jitter, so that servers that lost Redis together do not all come back in one instant.</summary>
internal sealed class Backoff
{
    private const double FirstMilliseconds = 100;
    private const double MaxMilliseconds = 5_000;

    private double _milliseconds = FirstMilliseconds;

    public TimeSpan Next()
    {
        var current = _milliseconds;
        _milliseconds = Math.Min(current * 2, MaxMilliseconds);
#pragma warning disable CA5394 // Not a secret.
        return TimeSpan.FromMilliseconds(current * (0.5 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }

    public void Reset() => _milliseconds = FirstMilliseconds;
}
