namespace StickyAspire.LocalHosting.Output;

/// <summary>One resource's state.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>waiting</c>, <c>starting</c>, <c>healthy</c> or <c>ended</c>.</param>
/// <param name="Pid">The process id while it runs; null for what runs inside LocalHost.</param>
/// <param name="Url">Where it is.</param>
/// <param name="ExitCode">How its process ended, where it has.</param>
internal sealed record ResourceStatus(string Name, string State, int? Pid, string? Url, int? ExitCode);
