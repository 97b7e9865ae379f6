using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

/// <summary>A replica's state and load, as it reports them to gateways with every answer to a health check.</summary>
public sealed partial class ReplicaLifecycle
{
    private readonly ILoadSource[] _sources;
    private readonly int? _maxConn;
    private readonly ILogger<ReplicaLifecycle> _logger;
    private int _requests;
    private int _state;

    /// <summary>Creates it.</summary>
    /// <param name="sources">What counts sessions that requests do not show.</param>
    /// <param name="options">The replica's options, already checked.</param>
    /// <param name="logger">Told of every change of state.</param>
    public ReplicaLifecycle(IEnumerable<ILoadSource> sources, IOptions<ReplicaOptions> options, ILogger<ReplicaLifecycle> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _sources = [.. sources];
        _maxConn = options.Value.MaxConn;
        _logger = logger;
    }

    /// <summary>Raised after a change of state, with the new one, on the thread that made it.</summary>
    public event Action<ReplicaState>? StateChanged;

    /// <summary>The state. Default <see cref="ReplicaState.Ready"/>; gateways know of a change with their next check.</summary>
    public ReplicaState State => (ReplicaState)Volatile.Read(ref _state);

    /// <summary>All that the replica has to do, whichever gateway it comes from: sessions of the <see cref="ILoadSource"/>s, and requests in progress.</summary>
    public int Sessions
    {
        get
        {
            var sessions = Math.Max(0, Volatile.Read(ref _requests));
            foreach (var source in _sources)
            {
                sessions += Math.Max(0, source.Sessions);
            }

            return sessions;
        }
    }

    /// <summary>Changes the state. Nothing happens where it is that already.</summary>
    public void SetState(ReplicaState state)
    {
        if (Interlocked.Exchange(ref _state, (int)state) != (int)state)
        {
            LogChanged(_logger, state);
            StateChanged?.Invoke(state);
        }
    }

    /// <summary>The report, as the header <c>X-Sticky-State</c> has it.</summary>
    internal string CreateReport()
    {
        var administrative = State switch
        {
            ReplicaState.Drain => AdministrativeState.Drain,
            ReplicaState.Maint => AdministrativeState.Maint,
            _ => AdministrativeState.Ready,
        };
        return new StateReport(administrative, null, Sessions, null, _maxConn).ToString();
    }

    internal void BeginRequest() => Interlocked.Increment(ref _requests);

    internal void EndRequest() => Interlocked.Decrement(ref _requests);

    [LoggerMessage(LogLevel.Information, "This replica is {State} now")]
    private static partial void LogChanged(ILogger logger, ReplicaState state);
}
