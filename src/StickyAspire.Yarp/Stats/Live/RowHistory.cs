using StickyAspire.Yarp.Stats.Rows;

namespace StickyAspire.Yarp.Stats.Live;

/// <summary>A row's last two minutes, a value a second: what its sparklines show before the viewer has seen anything himself.</summary>
internal sealed class RowHistory
{
    public const int Length = 120;

    private readonly long[] _rates = new long[Length];
    private readonly long[] _sessions = new long[Length];
    private readonly long[] _bytes = new long[Length];
    private long _lastBytes = -1;
    private int _count;

    /// <summary>Whether the row was there in the latest second.</summary>
    public bool IsSeen { get; set; }

    public void Add(StatsRow row)
    {
        var bytes = row.Number(StatsField.Bin) + row.Number(StatsField.Bout);
        var at = _count++ % Length;
        _rates[at] = row.Number(row.Type == StatsRowType.Frontend ? StatsField.ReqRate : StatsField.Rate);
        _sessions[at] = row.Number(StatsField.Scur);
        _bytes[at] = _lastBytes < 0 ? 0 : Math.Max(0, bytes - _lastBytes);
        _lastBytes = bytes;
        IsSeen = true;
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<long> Rates => Read(_rates);

    public IEnumerable<long> Sessions => Read(_sessions);

    /// <summary>In both directions together.</summary>
    public IEnumerable<long> Bytes => Read(_bytes);

    private IEnumerable<long> Read(long[] values)
    {
        for (var i = Math.Max(0, _count - Length); i < _count; i++)
        {
            yield return values[i % Length];
        }
    }
}
