namespace Yarp.Tests.Stats;

/// <summary>Reads statistics as HAProxy's exporters do: by the names in the header line.</summary>
internal sealed class StatsCsv
{
    private readonly List<Dictionary<string, string>> _rows;

    private StatsCsv(string header, IReadOnlyList<string> names, List<Dictionary<string, string>> rows)
    {
        Header = header;
        Names = names;
        _rows = rows;
    }

    public string Header { get; }

    public IReadOnlyList<string> Names { get; }

    public IEnumerable<Dictionary<string, string>> Rows => _rows;

    public Dictionary<string, string> this[string server] => _rows.First(row => row["svname"] == server);

    public static StatsCsv Parse(string text)
    {
        var lines = text.Split('\n');
        Assert.StartsWith("# ", lines[0], StringComparison.Ordinal);
        var names = lines[0][2..].Split(',');
        var rows = new List<Dictionary<string, string>>();
        foreach (var line in lines.Skip(1).TakeWhile(line => line.Length > 0))
        {
            var values = line.Split(',');
            Assert.Equal(names.Length, values.Length);
            rows.Add(names.Zip(values).Where(pair => pair.First.Length > 0).ToDictionary(pair => pair.First, pair => pair.Second));
        }

        return new StatsCsv(lines[0], names, rows);
    }

    public long Number(string server, string name) => long.Parse(this[server][name], System.Globalization.CultureInfo.InvariantCulture);
}
