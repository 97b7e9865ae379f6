using Microsoft.Extensions.Options;
using StickyAspire.Replica;

namespace Replica.Tests;

public sealed class ReplicaIdentityTests
{
    private readonly ReplicaIdentity _identity = new(Options.Create(new ReplicaOptions { ServerId = "s2" }));

    [Fact]
    public void CreateSessionId_NamesTheServer_AndIsSafeInAUrl() => Assert.Matches("^s2\\.[A-Za-z0-9_-]{20}$", _identity.CreateSessionId());

    [Fact]
    public void CreateSessionId_IsNeverTheSame() =>
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(_ => _identity.CreateSessionId()).Distinct().Count());
}
