namespace StickyAspire.SocketIO.Engine;

/// <summary>What annotations cannot say of <see cref="EngineOptions"/>, and what they say where no options system reads them.</summary>
internal static class EngineOptionsCheck
{
    /// <summary>What is wrong with the times and transports.</summary>
    /// <param name="options">The options.</param>
    /// <param name="prefix">What stands before the key in an error.</param>
    public static IEnumerable<string> FindErrors(EngineOptions options, string prefix)
    {
        foreach (var (key, value) in ((string, TimeSpan)[])
            [(nameof(options.PingInterval), options.PingInterval), (nameof(options.PingTimeout), options.PingTimeout), (nameof(options.UpgradeTimeout), options.UpgradeTimeout)])
        {
            if (DescribeTime(prefix + key, value) is { } error)
            {
                yield return error;
            }
        }

        if ((options.Transports & EngineTransports.All) == 0)
        {
            yield return $"{prefix}{nameof(options.Transports)} is {options.Transports}: allowed are Polling, WebSocket, or both.";
        }
    }

    /// <summary>What is wrong with the numbers.</summary>
    public static IEnumerable<string> FindNumberErrors(EngineOptions options, string prefix)
    {
        foreach (var (key, value, least, most) in ((string, long, long, long)[])
        [
            (nameof(options.MaxHttpBufferSize), options.MaxHttpBufferSize, 1, int.MaxValue / 2),
            (nameof(options.MaxSendBufferSize), options.MaxSendBufferSize, 1, long.MaxValue),
            (nameof(options.PerMessageDeflateThreshold), options.PerMessageDeflateThreshold, 0, int.MaxValue),
            (nameof(options.HttpCompressionThreshold), options.HttpCompressionThreshold, 0, int.MaxValue),
        ])
        {
            if (value < least || value > most)
            {
                yield return $"{prefix}{key} is {value}: allowed is {least} to {most}.";
            }
        }
    }

    /// <summary>What is wrong with a time, or null.</summary>
    public static string? DescribeTime(string key, TimeSpan value) =>
        value > TimeSpan.Zero && value <= TimeSpan.FromDays(1) ? null : $"{key} is {value}: allowed is more than zero and up to one day.";
}
