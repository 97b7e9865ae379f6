using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StickyAspire.Replica;

namespace Replica.Tests;

public sealed class ReplicaOptionsTests
{
    [Theory]
    [InlineData("s1")]
    [InlineData("Replica_01-b")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEF")]
    public async Task ServerId_Valid_Starts(string serverId)
    {
        await using var app = Create(serverId);

        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(serverId, app.Services.GetRequiredService<ReplicaIdentity>().ServerId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s.1")]
    [InlineData("s 1")]
    [InlineData("s;1")]
    [InlineData("sé")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFG")]
    public async Task ServerId_Invalid_NamesTheKeyTheValueAndWhatIsAllowed(string serverId)
    {
        await using var app = Create(serverId);

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal($"Replica:ServerId is \"{serverId}\": allowed are 1 to 32 characters out of A-Z a-z 0-9 - _.", exception.Message);
    }

    private static WebApplication Create(string serverId)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Configuration["Replica:ServerId"] = serverId;
        builder.Services.AddReplica();
        return builder.Build();
    }
}
