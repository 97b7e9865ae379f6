namespace StickyAspire.LocalHosting;

/// <summary>A project of the solution, run as a process.</summary>
public sealed class ProjectResource(string name, IProjectMetadata metadata) : Resource(name)
{
    internal IProjectMetadata Metadata { get; } = metadata;

    /// <summary>The port that the application model asks for, or null for a free one.</summary>
    internal int? FixedPort { get; set; }

    internal bool HasHttpEndpoint { get; set; }

    internal bool IsExternal { get; set; }

    /// <summary>The port it has in this run.</summary>
    internal int Port { get; set; }

    internal string? HealthPath { get; set; }

    internal ResourceUrlAnnotation Url { get; } = new();

    /// <summary>Links beside the endpoint's own.</summary>
    internal List<Func<EndpointReference, ResourceUrlAnnotation>> FurtherUrls { get; } = [];

    internal Dictionary<string, Func<string>> Environment { get; } = new(StringComparer.Ordinal);

    internal List<Resource> References { get; } = [];

    internal List<Resource> Dependencies { get; } = [];

    internal string Address => $"http://localhost:{Port}";
}
