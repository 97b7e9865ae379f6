using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.LoadBalancing;

/// <summary>
/// One list of available destinations as balancing sees it: who may get a new session, with what weight, and what each has to do. Looks at the servers once a second and when something about
/// them has changed, so that choosing among a hundred of them reads two arrays. Not thread-safe: its cluster's gate guards it.
/// </summary>
/// <remarks>
/// A server's load is this gateway's requests in progress there, plus the sessions it reports that are none of these, plus the sessions given to it since we last looked. The last part matters:
/// a polling session is between two requests half of its youth, so the moment's count alone would take a server for idle that has just got a crowd.
/// </remarks>
internal sealed class Roster
{
    /// <summary>Weights are counted in steps so fine that slowstart and percentages show.</summary>
    private const int WeightScale = 256;

    /// <summary>How often requests in progress are counted where the server itself reports no load. Sessions that end are noticed no later than this.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>How old a report may be and still be better than our own count.</summary>
    private static readonly TimeSpan ReportAge = 2 * LookInterval;

    private readonly ServerRegistry _registry;
    private readonly TimeProvider _timeProvider;
    private readonly DestinationState[] _destinations;
    private readonly ServerStatus[] _servers;
    private readonly Entry[] _entries;
    private readonly int[] _eligible;
    private readonly int[] _order;
    private readonly long[] _weightsUpTo;
    private int _eligibleCount;
    private int _version;
    private long _lookedAt;
    private bool _allBackups;
    private ServerRing? _ring;

    public Roster(ClusterState cluster, IReadOnlyList<DestinationState> destinations, Roster? previous, ServerRegistry registry, TimeProvider timeProvider)
    {
        _registry = registry;
        _timeProvider = timeProvider;
        _destinations = [.. destinations];
        _servers = [.. destinations.Select(each => registry.Get(cluster, each))];
        _entries = new Entry[_servers.Length];
        _eligible = new int[_servers.Length];
        _weightsUpTo = new long[_servers.Length];
        _order = [.. Enumerable.Range(0, _servers.Length).OrderBy(i => _servers[i].ServerId.Length).ThenBy(i => _servers[i].ServerId, StringComparer.Ordinal)];
        _allBackups = IsAllBackups(cluster);
        Look(all: true);
        TakeOver(previous);
        Turn = previous?.Turn ?? Random.Shared.Next(Math.Max(1, _servers.Length));
    }

    /// <summary>Which of the eligible servers is the first to be asked where several are equal. Gateways begin at different ones, lest all give their next session to the same.</summary>
    public int Turn { get; set; }

    /// <summary>How many servers may get a new session.</summary>
    public int Count => _eligibleCount;

    /// <summary>The eligible servers' loads together.</summary>
    public long TotalLoad { get; private set; }

    /// <summary>The eligible servers' weights together.</summary>
    public long TotalWeight { get; private set; }

    /// <summary>Every server's numbers, by index.</summary>
    public Span<Entry> Entries => _entries;

    /// <summary>The indices of those that may get a new session, in the order of their ids.</summary>
    public ReadOnlySpan<int> Eligible => _eligible.AsSpan(0, _eligibleCount);

    /// <summary>The ring of all servers.</summary>
    public ServerRing Ring => _ring ??= new ServerRing(_servers);

    public DestinationState this[int index] => _destinations[index];

    /// <summary>Looks at the servers where it is time to.</summary>
    public void Refresh(ClusterState cluster)
    {
        var isTime = _timeProvider.GetElapsedTime(_lookedAt) >= LookInterval;
        if (isTime || _version != _registry.Version)
        {
            _allBackups = IsAllBackups(cluster);
            Look(isTime);
        }
    }

    /// <summary>The limit of sessions of a server; null for none.</summary>
    public int? MaxConn(int index) => _servers[index].MaxConn;

    /// <summary>Any of the eligible servers, as likely as its weight says.</summary>
    public int Draw()
    {
        // The first whose weights up to it are more than the number drawn.
        var place = _weightsUpTo.AsSpan(0, _eligibleCount).BinarySearch(Random.Shared.NextInt64(TotalWeight) + 1);
        return _eligible[place < 0 ? ~place : place];
    }

    /// <summary>What a server has to do this moment. Unlike an entry's load it misses sessions that were given but have not begun, and counts none that has ended already.</summary>
    public int GetCurrentLoad(int index) => _servers[index].GetLoad(_destinations[index]) + _servers[index].SessionsElsewhere;

    /// <summary>Counts a new session for the server.</summary>
    public DestinationState Give(int index)
    {
        _entries[index].Load++;
        _entries[index].Given++;
        TotalLoad++;
        return _destinations[index];
    }

    private static bool IsAllBackups(ClusterState cluster) => cluster.Model is { } model && BalanceOptions.Of(model.Config).AllBackups;

    private void Look(bool all)
    {
        // The version first: what changes while we look is looked at again.
        _version = _registry.Version;
        var now = _timeProvider.GetUtcNow();

        // Under traffic somebody looks every second. Where nobody has, all that was given has begun by now.
        var isBusy = _timeProvider.GetElapsedTime(_lookedAt) < ReportAge;
        if (all)
        {
            _lookedAt = _timeProvider.GetTimestamp();
        }

        for (var i = 0; i < _servers.Length; i++)
        {
            var server = _servers[i];
            ref var entry = ref _entries[i];
            var hasNews = entry.LoadReports != server.LoadReports;
            if (hasNews || (all && now.UtcTicks - server.LoadReportedAtTicks > ReportAge.Ticks))
            {
                entry.LoadReports = server.LoadReports;

                // Of what was given since the last report some may not have begun, or be between its first request and its second: it goes on counting until the next, or a burst would go where the news comes from.
                var actual = server.GetLoad(_destinations[i]) + server.SessionsElsewhere;
                entry.Load = isBusy ? Math.Clamp(entry.Load, actual, actual + entry.Given) : actual;
                entry.Given = 0;
            }

            entry.Weight = server.TakesNewSessions ? Math.Max(1, (int)(server.GetEffectiveWeight(now) * WeightScale)) : 0;
        }

        Select();
        if (_ring is { } ring && !ring.Fits(_servers))
        {
            _ring = null;
        }
    }

    /// <summary>Finds who may get new sessions: all that take any, or where there is none the first backup, or all of these.</summary>
    private void Select()
    {
        _eligibleCount = 0;
        foreach (ref var entry in Entries)
        {
            entry.IsEligible = false;
        }

        Add(backups: false, most: int.MaxValue);
        if (_eligibleCount == 0)
        {
            Add(backups: true, _allBackups ? int.MaxValue : 1);
        }

        TotalLoad = TotalWeight = 0;
        for (var i = 0; i < _eligibleCount; i++)
        {
            ref readonly var entry = ref _entries[_eligible[i]];
            TotalLoad += entry.Load;
            TotalWeight += entry.Weight;
            _weightsUpTo[i] = TotalWeight;
        }
    }

    private void Add(bool backups, int most)
    {
        foreach (var index in _order)
        {
            if (_entries[index].Weight > 0 && _servers[index].Options.IsBackup == backups && _eligibleCount < most)
            {
                _eligible[_eligibleCount++] = index;
                _entries[index].IsEligible = true;
            }
        }
    }

    /// <summary>Goes on where the list before this one was, so that neither a reload nor a server's coming and going favours anybody.</summary>
    private void TakeOver(Roster? previous)
    {
        if (previous is null)
        {
            return;
        }

        var places = new Dictionary<DestinationState, int>();
        for (var i = 0; i < previous._destinations.Length; i++)
        {
            places[previous._destinations[i]] = i;
        }

        for (var i = 0; i < _destinations.Length; i++)
        {
            if (places.TryGetValue(_destinations[i], out var place))
            {
                _entries[i] = previous._entries[place];
            }
        }

        _ring = previous._ring?.For(_servers);

        // What was looked at stays as old as it is, and news that came in between is noticed now.
        _lookedAt = previous._lookedAt;
        Look(all: false);
    }

    /// <summary>One server's numbers.</summary>
    internal struct Entry
    {
        /// <summary>Its weight in 256ths; 0 for no new sessions.</summary>
        public int Weight;

        /// <summary>What it has to do, the given sessions included.</summary>
        public int Load;

        /// <summary>Sessions given to it since its load was last looked at.</summary>
        public int Given;

        /// <summary>The latest report that <see cref="Load"/> knows of.</summary>
        public int LoadReports;

        /// <summary>What smooth round robin owes it.</summary>
        public long Credit;

        /// <summary>Whether it may get a new session now.</summary>
        public bool IsEligible;
    }
}
