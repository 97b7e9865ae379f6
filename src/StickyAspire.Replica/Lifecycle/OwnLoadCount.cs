namespace StickyAspire.Replica;

/// <summary>Metadata of endpoints whose sessions an <see cref="ILoadSource"/> counts.</summary>
internal sealed class OwnLoadCount
{
    public static readonly OwnLoadCount Instance = new();
}
