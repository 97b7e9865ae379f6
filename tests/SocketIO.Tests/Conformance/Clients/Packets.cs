using System.Text.Json.Nodes;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>Compares packets: what stands before the JSON to the letter, the JSON by its meaning.</summary>
internal static class Packets
{
    public const char Separator = '\x1e';

    public static void AssertEqual(string expected, string actual)
    {
        var json = expected.AsSpan().IndexOfAny('[', '{');
        if (json < 0 || expected[0] == 'b' || actual.Length < json || !actual.StartsWith(expected[..json], StringComparison.Ordinal))
        {
            Assert.Equal(expected, actual);
            return;
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected[json..]), JsonNode.Parse(actual[json..])), $"Expected: {expected}\nActual:   {actual}");
    }
}
