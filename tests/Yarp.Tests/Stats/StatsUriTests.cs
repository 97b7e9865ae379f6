using StickyAspire.Yarp.Stats;

namespace Yarp.Tests.Stats;

public sealed class StatsUriTests
{
    [Theory]
    [InlineData("/stats", "/stats", "")]
    [InlineData("/haproxy?stats", "/haproxy", "?stats")]
    [InlineData("/a/b-c/", "/a/b-c", "")]
    public void TryParse_AnAddress_PathAndQuery(string text, string path, string query)
    {
        Assert.True(StatsUri.TryParse(text, out var uri));
        Assert.Equal((path, query), (uri.Path, uri.Query));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("stats")]
    [InlineData("/stats;csv")]
    [InlineData("/stats?")]
    [InlineData("/{stats}")]
    [InlineData("/sta\"ts")]
    [InlineData("/s<b>")]
    [InlineData("//")]
    public void TryParse_AnythingElse_False(string? text) => Assert.False(StatsUri.TryParse(text, out _));

    [Fact]
    public void Validate_WhatIsWrong_NamesKeyValueAndWhatIsAllowed()
    {
        var result = new StatsOptionsValidator().Validate(null, new StatsOptions { Uris = { "/ok", "nok" }, MaxViewers = -1, Frontend = " " });

        Assert.Collection(
            result.Failures!,
            error => Assert.Contains("Stats:Uris has 'nok'; allowed are", error, StringComparison.Ordinal),
            error => Assert.Contains("Stats:MaxViewers is -1; allowed are 0 to 10000", error, StringComparison.Ordinal),
            error => Assert.Contains("Stats:Frontend is ' '", error, StringComparison.Ordinal));
    }
}
