using StickyAspire;

namespace Yarp.Tests;

public sealed class ServerIdTokenTests
{
    [Fact]
    public void Create_ThenParse_GivesTheSame()
    {
        Assert.True(ServerIdToken.TryParse(ServerIdToken.Create("s2", "a.b"), out var serverId, out var rest));
        Assert.Equal("s2", serverId);
        Assert.Equal("a.b", rest);
    }

    [Theory]
    [InlineData("s1", true)]
    [InlineData("a_b-C9", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a.b", false)]
    [InlineData("a b", false)]
    [InlineData("a\r\nb", false)]
    public void IsValidServerId_IsStrict(string? serverId, bool expected) => Assert.Equal(expected, ServerIdToken.IsValidServerId(serverId));
}
