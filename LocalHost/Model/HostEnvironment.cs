namespace StickyAspire.LocalHosting;

/// <summary>Where the application runs.</summary>
/// <param name="EnvironmentName">For example <c>Development</c>.</param>
public sealed record HostEnvironment(string EnvironmentName);
