using System.Text;

namespace StickyAspire.LocalHosting.Output;

/// <summary>What is where, once all is healthy.</summary>
internal static class UrlTable
{
    public static string Create(IEnumerable<(string Name, string Url, string Note)> rows)
    {
        var all = rows.ToList();
        var nameWidth = all.Max(row => row.Name.Length);
        var urlWidth = all.Max(row => row.Url.Length);
        var text = new StringBuilder().AppendLine().AppendLine("  Everything is healthy.").AppendLine();
        foreach (var (name, url, note) in all)
        {
            text.Append("  ").Append(name.PadRight(nameWidth)).Append("  ").Append(url.PadRight(urlWidth)).Append("  ").AppendLine(note);
        }

        return text.AppendLine().AppendLine("  Ctrl+C ends it all.").AppendLine().ToString();
    }
}
