using System.Collections.Concurrent;
using System.Text.Json;

namespace Cluster.Tests.Running;

/// <summary>What a server heard and was to tell.</summary>
/// <param name="Url">Where it tells it.</param>
/// <param name="Answer">What it acknowledges events with, or null.</param>
internal sealed record Callback(Uri Url, object? Answer)
{
    public ConcurrentQueue<JsonElement> Received { get; } = [];
}
