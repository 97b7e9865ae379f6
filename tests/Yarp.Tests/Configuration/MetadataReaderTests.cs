using StickyAspire.Yarp.Configuration;

namespace Yarp.Tests.Configuration;

public sealed class MetadataReaderTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("2s", 2_000)]
    [InlineData("1m", 60_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("00:00:02", 2_000)]
    public void ReadTime_InHAProxysFormsAndDotNets_IsUnderstood(string text, int milliseconds)
    {
        var reader = Reader(("Check.Inter", text));

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), reader.ReadTime("Check.Inter", TimeSpan.Zero, TimeSpan.FromDays(1)));
        Assert.Empty(reader.Errors);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("-2s")]
    [InlineData("2 s")]
    [InlineData("2d")]
    [InlineData("")]
    public void ReadTime_OfAnythingElse_SaysWhatIsAllowed(string text)
    {
        var reader = Reader(("Check.Inter", text));

        Assert.Null(reader.ReadTime("Check.Inter", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)));
        Assert.Equal([$"Cluster 'c': Metadata Check.Inter is \"{text}\": allowed is a time from 1ms to 1d, such as 500ms, 2s, 1m or 00:00:02."], reader.Errors);
    }

    [Fact]
    public void RefuseUnknown_OfAMisspeltKey_NamesTheKnownOnes()
    {
        var reader = Reader(("Check.Inetr", "2s"), ("Other.Thing", "x"), ("plain", "y"));
        reader.ReadText("Check.Inter");
        reader.ReadText("Check.Rise");

        reader.RefuseUnknown(new HashSet<string> { "Check" });

        Assert.Equal(["Cluster 'c': Metadata Check.Inetr is \"2s\": allowed is no such key, but Check.Inter, Check.Rise."], reader.Errors);
    }

    private static MetadataReader Reader(params (string Key, string Value)[] metadata) => new(metadata.ToDictionary(each => each.Key, each => each.Value), "Cluster 'c'");
}
