namespace StickyAspire.LocalHosting;

/// <summary>Aspire's words for configuring a project, as far as the application model uses them.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Gives the project an HTTP endpoint.</summary>
    /// <param name="builder">The project.</param>
    /// <param name="port">Its port, or null for a free one.</param>
    public static IResourceBuilder<ProjectResource> WithHttpEndpoint(this IResourceBuilder<ProjectResource> builder, int? port = null)
    {
        builder.Resource.HasHttpEndpoint = true;
        builder.Resource.FixedPort = port;
        return builder;
    }

    /// <summary>Marks the endpoints as meant for clients outside.</summary>
    public static IResourceBuilder<ProjectResource> WithExternalHttpEndpoints(this IResourceBuilder<ProjectResource> builder)
    {
        builder.Resource.IsExternal = true;
        return builder;
    }

    /// <summary>Says where the project tells that it is healthy: by an answer of 2xx.</summary>
    public static IResourceBuilder<ProjectResource> WithHttpHealthCheck(this IResourceBuilder<ProjectResource> builder, string path)
    {
        builder.Resource.HealthPath = path;
        return builder;
    }

    /// <summary>Changes how the endpoint is shown.</summary>
    public static IResourceBuilder<ProjectResource> WithUrlForEndpoint(
        this IResourceBuilder<ProjectResource> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
    {
        CheckEndpoint(builder.Resource, endpointName);
        callback(builder.Resource.Url);
        return builder;
    }

    /// <summary>Shows a further link: a path on the endpoint.</summary>
    public static IResourceBuilder<ProjectResource> WithUrlForEndpoint(
        this IResourceBuilder<ProjectResource> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
    {
        CheckEndpoint(builder.Resource, endpointName);
        builder.Resource.FurtherUrls.Add(callback);
        return builder;
    }

    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<ProjectResource> WithEnvironment(this IResourceBuilder<ProjectResource> builder, string name, string? value)
    {
        builder.Resource.Environment[name] = () => value ?? "";
        return builder;
    }

    /// <summary>Sets an environment variable to a parameter's value.</summary>
    public static IResourceBuilder<ProjectResource> WithEnvironment(
        this IResourceBuilder<ProjectResource> builder, string name, IResourceBuilder<ParameterResource> parameter)
    {
        builder.Resource.Environment[name] = () => parameter.Resource.Value;
        return builder;
    }

    /// <summary>Tells the project where another resource is, by the environment variables that Aspire uses.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<Resource> source)
    {
        builder.Resource.References.Add(source.Resource);
        return builder;
    }

    /// <summary>Starts the project only when another resource is healthy.</summary>
    public static IResourceBuilder<ProjectResource> WaitFor(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<Resource> dependency)
    {
        builder.Resource.Dependencies.Add(dependency.Resource);
        return builder;
    }

    private static void CheckEndpoint(ProjectResource resource, string endpointName)
    {
        if (endpointName != "http")
        {
            throw new LocalHostException($"Resource '{resource.Name}' has no endpoint '{endpointName}': LocalHost knows 'http' alone.");
        }
    }
}
