using System.Buffers;
using System.Globalization;
using System.Text;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>HAProxy's CSV (management.txt, 9.1): its header line to the letter, and so what reads HAProxy's output reads ours.</summary>
internal static class HaproxyCsv
{
    private static readonly string Header = "# " + string.Join(',', StatsFields.All.Select(field => field.Name).Append("-").Concat(StatsFields.OfModules)) + ",\n";

    private static readonly string EndOfRow = "-," + new string(',', StatsFields.OfModules.Length) + "\n";

    private static readonly SearchValues<char> ToQuote = SearchValues.Create(",\"\r\n");

    public static string Write(StatsSnapshot snapshot)
    {
        var text = new StringBuilder(Header);
        foreach (var row in snapshot.Rows)
        {
            for (var field = 0; field < StatsFields.All.Length; field++)
            {
                Append(text, row[(StatsField)field]);
                text.Append(',');
            }

            text.Append(EndOfRow);
        }

        // HAProxy ends with an empty line.
        return text.Append('\n').ToString();
    }

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case long number:
                text.Append(CultureInfo.InvariantCulture, $"{number}");
                break;

            case string word when word.AsSpan().ContainsAny(ToQuote):
                text.Append('"').Append(word.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
                break;

            case string word:
                text.Append(word);
                break;
        }
    }
}
