using StackExchange.Redis;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>What Redis says of a stream.</summary>
/// <param name="First">The oldest entry's place; null where there is none.</param>
/// <param name="Length">How many entries there are.</param>
/// <param name="Added">How many there have ever been; null before Redis 7.</param>
internal readonly record struct StreamState(StreamId? First, long Length, long? Added)
{
    public static async Task<StreamState> ReadAsync(IDatabase database, string name)
    {
        RedisResult[] fields;
        try
        {
            fields = (RedisResult[]?)await database.ExecuteAsync("XINFO", "STREAM", (RedisKey)name) ?? [];
        }
        catch (RedisServerException exception) when (exception.Message.Contains("no such key", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var state = new StreamState();
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            state = (string?)fields[i] switch
            {
                "length" => state with { Length = (long)fields[i + 1] },
                "entries-added" => state with { Added = (long)fields[i + 1] },
                "first-entry" => state with { First = ReadPlace(fields[i + 1]) },
                _ => state,
            };
        }

        return state;
    }

    /// <summary>
    /// Whether entries have gone from the stream's beginning, and the one at a place may be among them. If none have, Redis came back without what it held before, which servers write again
    /// as far as they hold it.
    /// </summary>
    public bool HasTrimmed(StreamId place, long maxLength) =>
        First is { } first && first > place && HasTrimmed(maxLength);

    /// <summary>Whether any have.</summary>
    public bool HasTrimmed(long maxLength) => Added is { } added ? added > Length : Length >= maxLength;

    private static StreamId? ReadPlace(RedisResult entry) =>
        !entry.IsNull && (RedisResult[]?)entry is [var id, _] && StreamId.TryParse((string?)id, out var place) ? place : null;
}
