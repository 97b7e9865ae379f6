namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// A date as HAProxy puts it into a cookie: Unix time in steps of 4 seconds, 30 bits, as five characters of Base64 with the most significant bits first.
/// </summary>
internal static class CookieDate
{
    public const int Length = 5;

    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Writes the date, rounded up to the next step.</summary>
    public static string Encode(DateTimeOffset date) => Encode((date.ToUnixTimeSeconds() + 3) >> 2);

    /// <summary>Reads a date; null where there is none.</summary>
    public static DateTimeOffset? Decode(ReadOnlySpan<char> text)
    {
        if (text.Length < Length)
        {
            return null;
        }

        var steps = 0L;
        for (var i = 0; i < Length; i++)
        {
            var digit = Digits.IndexOf(text[i], StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            steps = (steps << 6) | (uint)digit;
        }

        return steps > 0 ? DateTimeOffset.FromUnixTimeSeconds(steps << 2) : null;
    }

    private static string Encode(long steps) => string.Create(Length, steps, static (text, value) =>
    {
        for (var i = Length - 1; i >= 0; i--, value >>= 6)
        {
            text[i] = Digits[(int)(value & 0x3F)];
        }
    });
}
