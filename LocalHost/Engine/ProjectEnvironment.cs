using System.Globalization;

namespace StickyAspire.LocalHosting.Engine;

/// <summary>The environment variables of a project's process, as Aspire would set them.</summary>
internal static class ProjectEnvironment
{
    public static Dictionary<string, string> Create(ProjectResource project, LocalHostOptions options)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = project.Address,
            ["OTEL_SERVICE_NAME"] = project.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={project.Name}-{project.Port.ToString(CultureInfo.InvariantCulture)}",
        };
        if (options.Bench)
        {
            environment["Realtime__BenchHandlers"] = "true";
        }

        foreach (var reference in project.References)
        {
            AddReference(environment, reference);
        }

        foreach (var (name, value) in project.Environment)
        {
            environment[name] = value();
        }

        return environment;
    }

    private static void AddReference(Dictionary<string, string> environment, Resource reference)
    {
        var prefix = reference.Name.Replace('-', '_').ToUpperInvariant();
        switch (reference)
        {
            case ProjectResource project:
                environment[$"services__{project.Name}__http__0"] = project.Address;
                environment[$"{prefix}_HTTP"] = project.Address;
                break;

            case RedisResource redis:
                var connectionString = redis.ConnectionString ?? throw new InvalidOperationException("Redis has not been started.");
                environment[$"ConnectionStrings__{redis.Name}"] = connectionString;
                var endpoint = connectionString.Split(',')[0].Split(':');
                environment[$"{prefix}_HOST"] = endpoint[0];
                environment[$"{prefix}_PORT"] = endpoint.Length > 1 ? endpoint[1] : "6379";
                break;
        }
    }
}
