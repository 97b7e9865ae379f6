namespace StickyAspire.LocalHosting;

/// <summary>Configures a resource.</summary>
/// <typeparam name="T">The kind of resource.</typeparam>
public interface IResourceBuilder<out T>
    where T : Resource
{
    /// <summary>The resource.</summary>
    T Resource { get; }
}
