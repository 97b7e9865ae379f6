using StickyAspire.Bench.Scenarios;

namespace StickyAspire.Bench.Measuring;

/// <summary>All rounds of a scenario; the same index is the same round.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Ours">Our rounds.</param>
/// <param name="Incumbent">The incumbent's; empty where it has no such thing, or was not asked.</param>
internal sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<Measurement> Ours, IReadOnlyList<Measurement> Incumbent)
{
    /// <summary>Ours ÷ the incumbent's, round by round.</summary>
    public Spread? Ratio(Func<CpuTimes, double> part) =>
        Incumbent.Count == 0 ? null : Spread.Of(Ours.Zip(Incumbent, (ours, theirs) => part(ours.CpuPerOperation) / part(theirs.CpuPerOperation)));
}
