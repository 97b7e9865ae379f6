using System.Globalization;
using System.Text.RegularExpressions;
using SocketIO.Tests.Conformance.Targets;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Redis;

namespace SocketIO.Tests.Docs;

/// <summary>Keeps <c>docs/socketio-for-node-users.md</c> honest: what it shows compiles, what it names exists, the defaults it gives are the defaults.</summary>
public sealed partial class NodeUsersPageTests
{
    private const string Ours = "StickyAspire";

    /// <summary>Names of ASP.NET Core's and .NET's that the tables mention.</summary>
    private static readonly HashSet<string> Foreign = new(StringComparer.Ordinal)
    {
        "UseCors", "RequireCors", "RequireAuthorization", "CookieBuilder", "Regex", "ArgumentException", "TimeoutException", "CancellationToken",
        "BCrypt", "Net", "Verify", "Server", "ClientToServerEvents", "InMemoryStore", "RedisStore", "Cluster", "Tests", "SocketIO",
    };

    private static readonly string Page = File.ReadAllText(Path.Combine(TestPaths.Root, "docs", "socketio-for-node-users.md"));

    [Fact]
    public void CSharpBlocks_AreInTheFileThatIsCompiled()
    {
        var compiled = Trim(File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "SocketIO.Tests", "Docs", "Snippets.cs")));
        var blocks = CSharpBlock().Matches(Page);

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(Trim(block.Groups[1].Value), compiled, StringComparison.Ordinal));
    }

    [Fact]
    public void NamesInTables_Exist()
    {
        Type[] packages = [typeof(ISocketIOServer), typeof(RedisAdapterMode), typeof(Microsoft.Extensions.DependencyInjection.MessagePackSocketIOBuilderExtensions)];
        var types = packages.SelectMany(type => type.Assembly.GetExportedTypes()).ToArray();
        var names = types.SelectMany(type => type.GetMembers()).Select(member => member.Name)
            .Concat(types.Select(type => type.Name.Split('`')[0])).ToHashSet(StringComparer.Ordinal);
        var mentioned = from line in Page.Split('\n')
                        where line.StartsWith("| ", StringComparison.Ordinal)
                        let cells = line.Split(" | ")
                        from code in Code().Matches(cells[1])
                        from name in Name().Matches(WithoutTexts().Replace(code.Groups[1].Value, ""))
                        select name.Value;

        var unknown = mentioned.Distinct().Where(name => !names.Contains(name) && !Foreign.Contains(name) && name != Ours).ToArray();
        Assert.True(unknown.Length == 0, "Not to be found: " + string.Join(", ", unknown));
    }

    [Fact]
    public void OptionsTable_IsComplete_WithTheDefaults()
    {
        var table = OptionRow().Matches(Page[Page.IndexOf("\n## Options", StringComparison.Ordinal)..])
            .ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);
        var options = new SocketIOOptions();
        var expected = new Dictionary<string, string>();
        Describe("", options, expected);
        Describe("Engine.", options.Engine, expected);
        Describe("ConnectionStateRecovery.", new ConnectionStateRecoveryOptions(), expected);
        expected.Remove("Engine");
        expected["JsonSerializerOptions"] = "camelCase";

        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), table.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(System.Text.Json.JsonNamingPolicy.CamelCase, options.JsonSerializerOptions.PropertyNamingPolicy);
    }

    private static void Describe(string prefix, object options, Dictionary<string, string> into)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            into[prefix + property.Name] = property.GetValue(options) switch
            {
                null => "none",
                TimeSpan time => time.TotalSeconds.ToString(CultureInfo.InvariantCulture) + " s",
                bool flag => flag ? "true" : "false",
                EngineTransports transports => transports.ToString(),
                IFormattable number => number.ToString("N0", CultureInfo.InvariantCulture),
                var other => other.ToString()!,
            };
        }
    }

    private static string Trim(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex WithoutTexts();

    /// <summary>Names of C#, which begin with a capital; Node's do not.</summary>
    [GeneratedRegex(@"\b(?<![\w/@.-])[A-Z]\w+|(?<=[A-Za-z]\.)[A-Z]\w+")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| `([\w.]+)` \| .+? \| (.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
