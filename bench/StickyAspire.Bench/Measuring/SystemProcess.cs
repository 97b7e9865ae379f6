namespace StickyAspire.Bench.Measuring;

/// <summary>A process of a system under test.</summary>
/// <param name="Part">What it is for.</param>
/// <param name="Name">The resource's name, such as <c>realtime-1</c>.</param>
/// <param name="Id">The process id.</param>
internal sealed record SystemProcess(SystemPart Part, string Name, int Id);
