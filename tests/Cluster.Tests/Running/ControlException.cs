namespace Cluster.Tests.Running;

/// <summary>The control endpoint answered with an error.</summary>
internal sealed class ControlException(string message) : Exception(message);
