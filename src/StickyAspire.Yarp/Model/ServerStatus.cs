using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Model;

/// <summary>
/// Everything this gateway knows of one server of one cluster beyond YARP's own <c>DestinationState</c>. There is one for each pair of cluster id and destination id, from
/// <see cref="ServerRegistry"/>; it outlives configuration reloads as long as the destination stays configured. Any thread may read; who writes what:
/// <list type="bullet">
/// <item><see cref="ServerRegistry"/>: <see cref="Options"/>, from configuration.</item>
/// <item>Health/: both states, <see cref="Since"/>, the checks, what the server reports of itself (<see cref="ReportedSessions"/>, <see cref="ReportedMaxConn"/>, <see cref="WeightPercent"/>).</item>
/// <item>Forwarding/: the session counts and the error counts, through <see cref="BeginSession"/> and its like.</item>
/// </list>
/// Readers: balancing, affinity (<see cref="TakesNewSessions"/>), admission (<see cref="ReportedMaxConn"/>), the stats page (all of it).
/// </summary>
internal sealed class ServerStatus(ServerRegistry registry, string clusterId, string serverId, DateTimeOffset now)
{
    /// <summary>Where slowstart begins: HAProxy too gives one sixteenth at once.</summary>
    private const double MinRamp = 1 / 16.0;

    private long _sinceTicks = now.UtcTicks;
    private long _rampTicks;
    private int _currentSessions;
    private int _maxSessions;
    private long _totalSessions;
    private long _lastSessionTicks;
    private int _tunnels;
    private long _connectErrors;
    private long _responseErrors;
    private long _retries;
    private long _redispatches;
    private int _errorsInARow;

    /// <summary>Guards changes of health, so that a check that ends and traffic that is observed do not mix.</summary>
    public Lock Gate { get; } = new();

    public string ClusterId { get; } = clusterId;

    public string ServerId { get; } = serverId;

    /// <summary>As the server itself reports it with its checks' answers.</summary>
    public AdministrativeState Administrative { get; private set; }

    /// <summary>As the checks, or observed traffic, decided.</summary>
    public OperationalState Operational { get; private set; }

    /// <summary>Whether the server itself said that it is down; until it says that it is up, no check brings it back.</summary>
    public bool SaysDown { get; set; }

    /// <summary>When either state last changed.</summary>
    public DateTimeOffset Since => new(Volatile.Read(ref _sinceTicks), TimeSpan.Zero);

    /// <summary>How often the server went down (HAProxy's <c>chkdown</c>).</summary>
    public int Downs { get; private set; }

    /// <summary>How long it has been down in all, the present time not included (HAProxy's <c>downtime</c>).</summary>
    public TimeSpan Downtime { get; private set; }

    /// <summary>The latest active check; null before the first.</summary>
    public CheckResult? LastCheck { get; set; }

    /// <summary>The check that is on its way or was the latest: when it was sent, as the time provider's timestamp, and what this gateway had going on there at that moment.</summary>
    public (long SentAt, int Own) CheckSent { get; set; }

    /// <summary>How many active checks there were.</summary>
    public long Checks { get; set; }

    /// <summary>How many failed while the server was up (HAProxy's <c>chkfail</c>).</summary>
    public long FailedChecks { get; set; }

    /// <summary>
    /// HAProxy's health counter: from 0 (down, no success yet) to rise + fall - 1 (up, no failure yet); the server is up from <c>rise</c> on. A page's <c>UP 2/3</c> is made of it.
    /// </summary>
    public int Health { get; set; }

    /// <summary>What the configuration says of it: weight, backup, slowstart, maxconn.</summary>
    public ServerOptions Options { get; private set; } = ServerOptions.Default;

    /// <summary>The configured weight, 0 to 256.</summary>
    public int Weight => Options.Weight;

    /// <summary>Whether it is used only where no other is available.</summary>
    public bool IsBackup => Options.IsBackup;

    /// <summary>What the server says its weight should be, in percent of the configured one. Default 100.</summary>
    public int WeightPercent { get; private set; } = 100;

    /// <summary>The limit of sessions that the server reports; null where it reports none.</summary>
    public int? ReportedMaxConn { get; private set; }

    /// <summary>The limit in force: the reported one, else the configured one; null for none.</summary>
    public int? MaxConn => ReportedMaxConn ?? Options.MaxConn;

    /// <summary>All sessions on the server, over every gateway, as it reported last; null where it reports none.</summary>
    public int? ReportedSessions { get; private set; }

    /// <summary>Of the reported sessions, those that were not this gateway's requests in progress: other gateways' sessions, and polling ones between two polls.</summary>
    public int SessionsElsewhere { get; private set; }

    /// <summary>How many reports of its load there were. Another number says that there is news.</summary>
    public int LoadReports { get; private set; }

    /// <summary>When the latest report of its load came, in UTC ticks.</summary>
    public long LoadReportedAtTicks { get; private set; }

    /// <summary>Whether it gets anything at all. One of which nothing is known yet does.</summary>
    public bool IsUsable => IsUsableIn(Administrative, Operational);

    /// <summary>Whether a new session may go there: neither draining nor of weight 0. Health is YARP's list of available destinations, whether a backup is wanted is the balancing's to say.</summary>
    public bool TakesNewSessions => Administrative == AdministrativeState.Ready && Options.Weight > 0 && WeightPercent > 0;

    /// <summary>Requests in progress through this gateway, WebSockets among them.</summary>
    public int CurrentSessions => Volatile.Read(ref _currentSessions);

    /// <summary>The most there have been at once.</summary>
    public int MaxSessions => Volatile.Read(ref _maxSessions);

    /// <summary>All of them so far.</summary>
    public long TotalSessions => Volatile.Read(ref _totalSessions);

    /// <summary>When the latest began; null before the first.</summary>
    public DateTimeOffset? LastSession => Volatile.Read(ref _lastSessionTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Connections that could not be made (HAProxy's <c>econ</c>).</summary>
    public long ConnectErrors => Volatile.Read(ref _connectErrors);

    /// <summary>Answers that broke off or never came (HAProxy's <c>eresp</c>).</summary>
    public long ResponseErrors => Volatile.Read(ref _responseErrors);

    /// <summary>Requests sent once more because a connection here failed (HAProxy's <c>wretr</c>).</summary>
    public long Retries => Volatile.Read(ref _retries);

    /// <summary>Of these, those that went to another server (HAProxy's <c>wredis</c>).</summary>
    public long Redispatches => Volatile.Read(ref _redispatches);

    /// <summary>Counts a request that begins.</summary>
    public void BeginSession(DateTimeOffset now)
    {
        var current = Interlocked.Increment(ref _currentSessions);
        Interlocked.Increment(ref _totalSessions);
        Volatile.Write(ref _lastSessionTicks, now.UtcTicks);
        for (var max = MaxSessions; current > max; max = MaxSessions)
        {
            if (Interlocked.CompareExchange(ref _maxSessions, current, max) == max)
            {
                break;
            }
        }
    }

    /// <summary>What this gateway has going on there: YARP's requests in progress, and tunnels that go on without theirs.</summary>
    public int GetLoad(DestinationState destination) => destination.ConcurrentRequestCount + Volatile.Read(ref _tunnels);

    /// <summary>Counts a tunnel that goes on when its request has ended, so that YARP counts it no more.</summary>
    public void BeginTunnel() => Interlocked.Increment(ref _tunnels);

    public void EndTunnel() => Interlocked.Decrement(ref _tunnels);

    /// <summary>Counts a request that has ended, WebSockets when they close.</summary>
    public void EndSession() => Interlocked.Decrement(ref _currentSessions);

    /// <summary>Counts an observed error. True with every <paramref name="limit"/>th in a row.</summary>
    public bool CountErrorInARow(int limit)
    {
        if (Interlocked.Increment(ref _errorsInARow) < limit)
        {
            return false;
        }

        // Of several that reach the limit at once, one acts.
        return Interlocked.Exchange(ref _errorsInARow, 0) >= limit;
    }

    /// <summary>An observed success: errors in a row begin anew.</summary>
    public void EndErrorsInARow()
    {
        if (Volatile.Read(ref _errorsInARow) != 0)
        {
            Volatile.Write(ref _errorsInARow, 0);
        }
    }

    public void CountConnectError() => Interlocked.Increment(ref _connectErrors);

    public void CountResponseError() => Interlocked.Increment(ref _responseErrors);

    /// <summary>Counts a request that is sent once more after this server failed.</summary>
    public void CountRetry(bool toAnotherServer)
    {
        Interlocked.Increment(ref _retries);
        if (toAnotherServer)
        {
            Interlocked.Increment(ref _redispatches);
        }
    }

    /// <summary>
    /// The weight that balancing uses: the configured one, times what the server reports, times how far slowstart has got. 0 takes no new sessions. It grows by itself during slowstart, so ask again.
    /// </summary>
    public double GetEffectiveWeight(DateTimeOffset now)
    {
        var weight = Options.Weight * WeightPercent / 100.0;
        var ramp = new DateTimeOffset(Volatile.Read(ref _rampTicks), TimeSpan.Zero);
        return now - ramp < Options.SlowStart ? weight * Math.Max((now - ramp) / Options.SlowStart, MinRamp) : weight;
    }

    /// <summary>Takes over the configuration. Only <see cref="ServerRegistry"/> calls this.</summary>
    public void Configure(ServerOptions options)
    {
        if (options != Options)
        {
            Options = options;
            registry.Touch();
        }
    }

    /// <summary>Takes over what the server says of itself; null leaves things as they are. Only Health/ calls this.</summary>
    public void Report(int? weightPercent, int? maxConn)
    {
        if ((weightPercent is { } percent && percent != WeightPercent) || (maxConn is { } limit && limit != ReportedMaxConn))
        {
            WeightPercent = weightPercent ?? WeightPercent;
            ReportedMaxConn = maxConn ?? ReportedMaxConn;
            registry.Touch();
        }
    }

    /// <summary>Takes over the server's total load. Only Health/ calls this.</summary>
    /// <param name="sessions">All sessions on it, over every gateway.</param>
    /// <param name="own">This gateway's requests in progress there when it was asked.</param>
    /// <param name="now">The time.</param>
    public void ReportLoad(int sessions, int own, DateTimeOffset now)
    {
        ReportedSessions = sessions;
        SessionsElsewhere = Math.Max(0, sessions - own);
        LoadReportedAtTicks = now.UtcTicks;
        LoadReports++;
        registry.Touch();
    }

    /// <summary>Sets the states. Only Health/ calls this, under the gate. True where anything changed.</summary>
    public bool SetStates(AdministrativeState administrative, OperationalState operational, DateTimeOffset now)
    {
        if (administrative == Administrative && operational == Operational)
        {
            return false;
        }

        if (operational == OperationalState.Down && Operational != OperationalState.Down)
        {
            Downs++;
        }
        else if (operational != OperationalState.Down && Operational == OperationalState.Down)
        {
            Downtime += now - Since;
        }

        // A process that has just come back has cold caches and connections still to make; one that was only drained, or that we hear of for the first time, has not.
        if (IsUsableIn(administrative, operational) && !IsUsable)
        {
            Volatile.Write(ref _rampTicks, now.UtcTicks);
        }

        Administrative = administrative;
        Operational = operational;
        Volatile.Write(ref _sinceTicks, now.UtcTicks);
        registry.Touch();
        return true;
    }

    private static bool IsUsableIn(AdministrativeState administrative, OperationalState operational) =>
        administrative != AdministrativeState.Maint && operational != OperationalState.Down;
}
