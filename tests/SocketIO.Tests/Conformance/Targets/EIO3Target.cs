namespace SocketIO.Tests.Conformance.Targets;

/// <summary>A server that lets in clients of the third revision.</summary>
public sealed class EIO3Target : ConformanceTarget
{
    protected override IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string> { ["PING_INTERVAL"] = "25000", ["PING_TIMEOUT"] = "20000", ["ALLOW_EIO3"] = "1" };

    protected override string UrlVariable => "CONFORMANCE_EIO3_URL";
}
