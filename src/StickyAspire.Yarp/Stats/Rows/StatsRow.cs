namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>One line of the statistics: a frontend, a server, or a cluster's sum. Fields without a value do not apply to it.</summary>
internal sealed class StatsRow
{
    private readonly object?[] _values = new object?[StatsFields.All.Length];

    public StatsRow(StatsRowType type, int proxyId, int id, string proxy, string name)
    {
        Type = type;
        ProxyId = proxyId;
        Id = id;
        Proxy = proxy;
        Name = name;
        Set(StatsField.Pxname, proxy);
        Set(StatsField.Svname, name);
        Set(StatsField.Pid, 1);
        Set(StatsField.Iid, proxyId);
        Set(StatsField.Sid, id);
        Set(StatsField.Type, (int)type);
        Set(StatsField.Mode, "http");
    }

    public StatsRowType Type { get; }

    public int ProxyId { get; }

    public int Id { get; }

    public string Proxy { get; }

    public string Name { get; }

    /// <summary>A <see cref="long"/>, a <see cref="string"/>, or null.</summary>
    public object? this[StatsField field] => _values[(int)field];

    public long Number(StatsField field) => _values[(int)field] as long? ?? 0;

    public void Set(StatsField field, long? value) => _values[(int)field] = value;

    public void Set(StatsField field, string? value) => _values[(int)field] = value;
}
