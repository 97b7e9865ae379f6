using StickyAspire.Bench.Measuring;

namespace StickyAspire.Bench.Scenarios;

/// <summary>A scenario on one system, with its clients connected. Idle between measurements.</summary>
internal interface IScenarioRun : IDisposable
{
    /// <summary>Makes load for a time, and measures it.</summary>
    Measurement Measure(TimeSpan time);
}
