using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Affinity;

namespace Yarp.Tests.Affinity;

public sealed class SessionIdQueryTests
{
    [Theory]
    [InlineData("?EIO=4&transport=polling&sid=s2.abc", "s2")]
    [InlineData("?id=s3.abc", "s3")]
    [InlineData("?sid=abc&id=s3.abc", "s3")]
    public void SessionId_NamesItsServer(string query, string expected)
    {
        Assert.True(SessionIdQuery.TryGetServerId(new QueryString(query), out var serverId));
        Assert.Equal(expected, serverId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("?sid=")]
    [InlineData("?sid=abc")]
    [InlineData("?sid=.abc")]
    [InlineData("?sid=s%32.abc")]
    [InlineData("?other=s2.abc")]
    [InlineData("?sid=s2;x.abc")]
    [InlineData("?sid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.abc")]
    public void AnythingElse_NamesNone(string query) =>
        Assert.False(SessionIdQuery.TryGetServerId(query.Length == 0 ? QueryString.Empty : new QueryString(query), out _));
}
