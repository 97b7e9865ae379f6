namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>When a cluster as a whole was up. Looked at once a second; shorter outages are its servers' own.</summary>
internal sealed class ClusterHistory(int proxyId, DateTimeOffset now)
{
    private TimeSpan _downtime;
    private bool _isUp = true;

    public int ProxyId => proxyId;

    public DateTimeOffset Since { get; private set; } = now;

    public int Downs { get; private set; }

    public TimeSpan Downtime(DateTimeOffset now) => _isUp ? _downtime : _downtime + (now - Since);

    public void Observe(bool isUp, DateTimeOffset now)
    {
        if (isUp == _isUp)
        {
            return;
        }

        if (isUp)
        {
            _downtime += now - Since;
        }
        else
        {
            Downs++;
        }

        _isUp = isUp;
        Since = now;
    }
}
