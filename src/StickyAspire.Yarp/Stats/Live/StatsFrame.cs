using StickyAspire.Yarp.Stats.Rows;

namespace StickyAspire.Yarp.Stats.Live;

/// <summary>One second's statistics, written once for all who watch.</summary>
/// <param name="snapshot">The rows.</param>
/// <param name="full">The page's JSON with the last minutes' history, for those who begin to watch.</param>
/// <param name="next">The same without it, for those who have seen the frame before.</param>
internal sealed class StatsFrame(StatsSnapshot snapshot, Lazy<byte[]> full, Lazy<byte[]> next)
{
    public StatsSnapshot Snapshot => snapshot;

    public byte[] Full => full.Value;

    public byte[] Next => next.Value;
}
