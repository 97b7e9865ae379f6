namespace StickyAspire.LocalHosting;

/// <summary>A link to a resource.</summary>
public sealed class ResourceUrlAnnotation
{
    /// <summary>Where it leads: a path on the endpoint that it belongs to. Default empty: the endpoint itself.</summary>
    public string Url { get; set; } = "";

    /// <summary>What the link says. Default null: the resource's name does.</summary>
    public string? DisplayText { get; set; }
}
