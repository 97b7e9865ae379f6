namespace StickyAspire.LocalHosting;

/// <summary>Something the application is made of.</summary>
/// <param name="name">Its name, unique in the application.</param>
public abstract class Resource(string name)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;
}
