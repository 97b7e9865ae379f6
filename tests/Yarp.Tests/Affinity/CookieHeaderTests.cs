using Microsoft.Extensions.Primitives;
using StickyAspire.Yarp.Affinity;

namespace Yarp.Tests.Affinity;

public sealed class CookieHeaderTests
{
    [Theory]
    [InlineData("SERVERID=s2", "s2")]
    [InlineData("a=1; SERVERID=s2", "s2")]
    [InlineData("a=1;SERVERID=s2;b=2", "s2")]
    [InlineData("SERVERID=\"s2\"", "s2")]
    [InlineData("  SERVERID = s2 ; b=2", "s2")]
    [InlineData("XSERVERID=s1; SERVERID=s2", "s2")]
    [InlineData("SERVERID=s1; SERVERID=s2", "s1")]
    [InlineData("SERVERID=", "")]
    public void TryGet_FindsTheFirstOfTheName(string header, string expected)
    {
        Assert.True(CookieHeader.TryGet(header, "SERVERID", out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SERVERID")]
    [InlineData("serverid=s2")]
    [InlineData("a=SERVERID=s2")]
    [InlineData(";;;")]
    public void TryGet_FindsNothingElse(string header) => Assert.False(CookieHeader.TryGet(header, "SERVERID", out _));

    [Fact]
    public void TryGet_LooksAtEveryHeader()
    {
        Assert.True(CookieHeader.TryGet(new StringValues(["a=1", null, "SERVERID=s3"]), "SERVERID", out var value));
        Assert.Equal("s3", value);
    }

    [Theory]
    [InlineData("SERVERID=s2", null)]
    [InlineData("SERVERID=s2;", null)]
    [InlineData("a=1; SERVERID=s2", "a=1")]
    [InlineData("SERVERID=s2; a=1", "a=1")]
    [InlineData("a=1; SERVERID=s2; b=2", "a=1; b=2")]
    [InlineData("a=1; SERVERID=s2; b=2; SERVERID=s3", "a=1; b=2")]
    [InlineData("a=\"x; b=2", "a=\"x; b=2")]
    public void Remove_LeavesTheOthersAsTheyWere(string header, string? expected) =>
        Assert.Equal(expected, CookieHeader.Remove(header, "SERVERID"));
}
