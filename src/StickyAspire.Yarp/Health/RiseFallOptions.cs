using System.Globalization;

namespace StickyAspire.Yarp.Health;

/// <summary>HAProxy's <c>rise</c> and <c>fall</c>, from a cluster's metadata.</summary>
/// <param name="Rise">How many checks in a row must pass before a server that is down is up again.</param>
/// <param name="Fall">How many checks in a row must fail before a server that is up is down.</param>
internal readonly record struct RiseFallOptions(int Rise, int Fall)
{
    public const string RiseKey = "RiseFall.Rise";
    public const string FallKey = "RiseFall.Fall";

    private const int DefaultRise = 2;
    private const int DefaultFall = 3;
    private const int Max = 1_000;

    /// <summary>Reads the options; <paramref name="error"/> names the key that is wrong, its value, and what is allowed.</summary>
    public static RiseFallOptions Read(IReadOnlyDictionary<string, string>? metadata, out string? error)
    {
        error = null;
        return new RiseFallOptions(Read(metadata, RiseKey, DefaultRise, ref error), Read(metadata, FallKey, DefaultFall, ref error));
    }

    private static int Read(IReadOnlyDictionary<string, string>? metadata, string key, int fallback, ref string? error)
    {
        if (metadata is null || !metadata.TryGetValue(key, out var text))
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= Max)
        {
            return value;
        }

        error ??= $"Metadata {key} is \"{text}\": allowed is a whole number from 1 to {Max}.";
        return fallback;
    }
}
