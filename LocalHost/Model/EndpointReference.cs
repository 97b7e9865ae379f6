namespace StickyAspire.LocalHosting;

/// <summary>A resource's endpoint.</summary>
public sealed class EndpointReference
{
    private readonly ProjectResource _resource;

    internal EndpointReference(ProjectResource resource) => _resource = resource;

    /// <summary>Its address, once the resource has a port.</summary>
    public string Url => _resource.Address;
}
