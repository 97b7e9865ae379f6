namespace SocketIO.Tests.Conformance.Targets;

/// <summary>A server whose heartbeat never gets in a test's way, however busy the machine.</summary>
public sealed class CalmTarget : ConformanceTarget
{
    protected override IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string> { ["PING_INTERVAL"] = "25000", ["PING_TIMEOUT"] = "20000" };
}
