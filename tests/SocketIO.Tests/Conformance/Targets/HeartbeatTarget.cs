namespace SocketIO.Tests.Conformance.Targets;

/// <summary>A server with a quick heartbeat: the contract's defaults.</summary>
public sealed class HeartbeatTarget : ConformanceTarget
{
    protected override IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string> { ["PING_INTERVAL"] = "300", ["PING_TIMEOUT"] = "200", ["ALLOW_EIO3"] = "1" };
}
