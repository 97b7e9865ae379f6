using System.Collections.Concurrent;
using System.Globalization;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>The server's streams, and which of them a namespace goes by.</summary>
internal sealed class RedisStreams(RedisAdapterContext context)
{
    private readonly ConcurrentDictionary<string, Lazy<RedisStream>> _streams = new(StringComparer.Ordinal);

    public RedisStream Get(string nsp) =>
        _streams.GetOrAdd(GetName(nsp, context.Options.StreamName, context.Options.StreamCount), name => new Lazy<RedisStream>(() => new RedisStream(context, name))).Value;

    /// <summary>The stream's key: with several streams by a hash of the namespace's name, as Node has it, its negative remainders included.</summary>
    public static string GetName(string nsp, string streamName, int streamCount)
    {
        if (streamCount == 1)
        {
            return streamName;
        }

        var hash = 0;
        foreach (var character in nsp)
        {
            hash = unchecked((hash * 31) + character);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{streamName}-{hash % streamCount}");
    }
}
