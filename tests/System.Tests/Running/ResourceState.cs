namespace StickyAspire.SystemTests.Running;

/// <summary>One resource in LocalHost's status file.</summary>
internal sealed record ResourceState(string Name, string State, int? Pid, string? Url, int? ExitCode);
