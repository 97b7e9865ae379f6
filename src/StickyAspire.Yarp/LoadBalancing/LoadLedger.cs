using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// What each server has to do: the requests in progress when last looked at, and the sessions given to it since. A polling session is
/// between two requests half of its youth, so the moment's count alone would take a server for idle that has just got a crowd.
/// </summary>
internal sealed class LoadLedger
{
    /// <summary>How often requests in progress are counted. Sessions that end are noticed no later than this.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private IReadOnlyList<DestinationState> _destinations = [];
    private int[] _loads = [];
    private long _lookedAt;
    private int _turn = -1;

    public DestinationState Pick(IReadOnlyList<DestinationState> destinations, TimeProvider timeProvider)
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();

            // The list is another one whenever a server has come, gone or changed its health.
            if (!ReferenceEquals(destinations, _destinations) || timeProvider.GetElapsedTime(_lookedAt, now) >= LookInterval)
            {
                Look(destinations);
                _lookedAt = now;
            }

            var loads = _loads;
            var count = destinations.Count;
            _turn = (_turn + 1) % count;
            var best = _turn;
            for (var i = 1; i < count; i++)
            {
                var candidate = _turn + i < count ? _turn + i : _turn + i - count;
                if (loads[candidate] < loads[best])
                {
                    best = candidate;
                }
            }

            loads[best]++;
            return destinations[best];
        }
    }

    private void Look(IReadOnlyList<DestinationState> destinations)
    {
        _destinations = destinations;
        if (_loads.Length != destinations.Count)
        {
            _loads = new int[destinations.Count];
        }

        for (var i = 0; i < _loads.Length; i++)
        {
            _loads[i] = destinations[i].ConcurrentRequestCount;
        }
    }
}
