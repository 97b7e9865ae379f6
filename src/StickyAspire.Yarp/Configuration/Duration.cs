using System.Globalization;

namespace StickyAspire.Yarp.Configuration;

/// <summary>Times as HAProxy writes them (<c>500ms</c>, <c>2s</c>, <c>1m</c>, <c>1h</c>, <c>1d</c>), and as .NET does (<c>00:00:02</c>).</summary>
internal static class Duration
{
    private static readonly (string Unit, TimeSpan Value)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    public static bool TryParse(string text, out TimeSpan value)
    {
        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                value = length * count;
                return true;
            }
        }

        return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && text.Contains(':', StringComparison.Ordinal);
    }

    /// <summary>The shortest of HAProxy's forms.</summary>
    public static string ToText(TimeSpan value)
    {
        for (var i = Units.Length - 1; i > 0; i--)
        {
            if (value.Ticks % Units[i].Value.Ticks == 0 && value != TimeSpan.Zero)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / Units[i].Value.Ticks}{Units[i].Unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0}ms");
    }
}
