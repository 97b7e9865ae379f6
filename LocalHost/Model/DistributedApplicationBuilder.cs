using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace StickyAspire.LocalHosting;

/// <summary>Builds the application model.</summary>
public sealed class DistributedApplicationBuilder
{
    private readonly LocalHostOptions _options;
    private readonly List<Resource> _resources = [];

    internal DistributedApplicationBuilder(LocalHostOptions options)
    {
        _options = options;
        Configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        Environment = new HostEnvironment(Configuration["DOTNET_ENVIRONMENT"] ?? Configuration["ASPNETCORE_ENVIRONMENT"] ?? Environments.Development);
    }

    /// <summary>The environment's variables.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>The environment's name; Development unless <c>DOTNET_ENVIRONMENT</c> says otherwise.</summary>
    public HostEnvironment Environment { get; }

    /// <summary>Whether the model is run or published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    /// <summary>Adds a Redis server.</summary>
    public IResourceBuilder<RedisResource> AddRedis(string name) => Add(new RedisResource(name));

    /// <summary>Adds a project.</summary>
    public IResourceBuilder<ProjectResource> AddProject<TProject>(string name, Action<ProjectResourceOptions>? configure = null)
        where TProject : IProjectMetadata, new()
    {
        configure?.Invoke(new ProjectResourceOptions());
        return Add(new ProjectResource(name, new TProject()));
    }

    /// <summary>Adds a value from outside.</summary>
    public IResourceBuilder<ParameterResource> AddParameter(string name, bool secret = false) =>
        Add(new ParameterResource(name, null, secret, Configuration));

    /// <summary>Adds a value from outside, with one to fall back to.</summary>
    public IResourceBuilder<ParameterResource> AddParameter(string name, string value, bool publishValueAsDefault = false) =>
        Add(new ParameterResource(name, value, secret: false, Configuration));

    /// <summary>The application, ready to run.</summary>
    public DistributedApplication Build() => new(_resources, _options);

    private ResourceBuilder<T> Add<T>(T resource)
        where T : Resource
    {
        if (_resources.Exists(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LocalHostException($"There are two resources named '{resource.Name}'.");
        }

        _resources.Add(resource);
        return new ResourceBuilder<T>(resource);
    }
}
