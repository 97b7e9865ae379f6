namespace StickyAspire.Bench.Measuring;

/// <summary>What a process is for.</summary>
internal enum SystemPart
{
    Gateway,
    Servers,
    Redis,
}
