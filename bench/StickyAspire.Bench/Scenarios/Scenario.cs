using StickyAspire.Bench.Measuring;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Scenarios;

/// <summary>A kind of load whose CPU time and latencies are measured.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Operation">What is counted: "echo", "delivery".</param>
internal abstract record Scenario(string Name, string Operation)
{
    /// <summary>Whether the incumbent has no such thing.</summary>
    public bool IsOursOnly { get; init; }

    /// <summary>Connects what is needed; the load itself is made by <see cref="IScenarioRun.Measure"/>.</summary>
    public abstract IScenarioRun Open(EventLoop loop, SystemUnderTest system);
}
