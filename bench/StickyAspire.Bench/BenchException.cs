namespace StickyAspire.Bench;

/// <summary>A measurement that could not be made: a system that does not answer, clients that were lost.</summary>
internal sealed class BenchException(string message) : Exception(message);
