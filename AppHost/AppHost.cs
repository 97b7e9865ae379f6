var builder = DistributedApplication.CreateBuilder(args);

// Fans out between the replicas: Socket.IO's adapter, SignalR's backplane, and who is in the chat.
var backplane = builder.AddRedis("backplane");

// The one address that clients know. On a developer's machine it has a port to remember; published, the platform gives it one.
var gateway = builder.AddProject<Projects.Gateway>("gateway", options => options.ExcludeLaunchProfile = true)
    .WithHttpEndpoint(port: builder.ExecutionContext.IsRunMode ? 8080 : null)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Chat")
    .WithUrlForEndpoint("http", endpoint => new ResourceUrlAnnotation { Url = "/stats", DisplayText = "Statistics" });

// Three named replicas rather than WithReplicas(3), which would put one address in front of them all and so could not be sticky.
foreach (var serverId in (string[])["s1", "s2", "s3"])
{
    var replica = builder.AddProject<Projects.RealtimeService>($"realtime-{serverId[1..]}", options => options.ExcludeLaunchProfile = true)
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health")
        .WithUrlForEndpoint("http", url => url.DisplayText = $"Replica {serverId}, without the gateway")
        .WithEnvironment("Replica__ServerId", serverId)
        .WithReference(backplane)
        .WaitFor(backplane);

    if (builder.ExecutionContext.IsRunMode)
    {
        // Without a launch profile nobody else says which environment it is.
        replica.WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName);
    }
    else
    {
        // Aspire would have every published project believe forwarded headers from anyone who reaches it.
        replica.WithEnvironment("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "false");
    }

    gateway.WithReference(replica).WaitFor(replica);
}

if (builder.ExecutionContext.IsRunMode)
{
    gateway.WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName);
}
else
{
    // On a developer's machine the statistics have the article's 123:123. Elsewhere whoever deploys says what it is, for the user "admin".
    gateway.WithEnvironment("Stats__Password", builder.AddParameter("stats-password", secret: true));
}

builder.Build().Run();
