namespace StickyAspire.LocalHosting;

/// <summary>A link to a resource.</summary>
public sealed class ResourceUrlAnnotation
{
    /// <summary>What the link says. Default null: the resource's name does.</summary>
    public string? DisplayText { get; set; }
}
