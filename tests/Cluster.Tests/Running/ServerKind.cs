namespace Cluster.Tests.Running;

/// <summary>Whose server it is.</summary>
public enum ServerKind
{
    /// <summary>StickyAspire's: <c>tests/ControlHost</c>.</summary>
    Ours,

    /// <summary>Node's: <c>tests/clients/control-host.mjs</c>.</summary>
    Node,
}
