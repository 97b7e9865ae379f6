using System.Globalization;

namespace StickyAspire.Bench;

/// <summary>What the command line says.</summary>
internal sealed record BenchOptions
{
    public const string Help = """
        Measures StickyAspire beside the incumbent. bench/run starts both and this; alone:

        Usage: StickyAspire.Bench --ours STATUS [--incumbent STATUS] [options]

          --ours FILE        The status file of LocalHost (--status-file), started with --bench.
          --incumbent FILE   The status file of bench/incumbent/run. Without it only ours is measured.
          --quick            2 rounds of 1.5 s instead of 5 of 4 s, and fewer idle sessions.
          --only TEXT        Only scenarios whose name contains the text; may be given more than once.
          --rounds N         How many rounds are measured, after those that warm up.
          --seconds N        How long each round is.
          --warm-up N        How long the rounds before, which are not counted, are. Default 4 (2 with --quick).
          --output FILE      Write the tables as Markdown too.

        """;

    public string Ours { get; init; } = "";

    public string? Incumbent { get; init; }

    public bool IsQuick { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];

    public int Rounds { get; init; } = 5;

    public TimeSpan RoundTime { get; init; } = TimeSpan.FromSeconds(4);

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(4);

    public string? Output { get; init; }

    /// <summary>Reads the arguments; null where they make no sense.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
            {
                options = options with { IsQuick = true, Rounds = 2, RoundTime = TimeSpan.FromSeconds(1.5), WarmUp = TimeSpan.FromSeconds(2) };
                continue;
            }

            if (i + 1 == args.Length || options.With(args[i], args[++i]) is not { } changed)
            {
                return null;
            }

            options = changed;
        }

        return options.Ours.Length == 0 ? null : options;
    }

    public bool Includes(string scenario) => Only.Count == 0 || Only.Any(text => scenario.Contains(text, StringComparison.OrdinalIgnoreCase));

    private BenchOptions? With(string name, string value) => name switch
    {
        "--ours" => this with { Ours = value },
        "--incumbent" => this with { Incumbent = value },
        "--output" => this with { Output = value },
        "--only" => this with { Only = [.. Only, value] },
        "--rounds" => int.TryParse(value, CultureInfo.InvariantCulture, out var rounds) && rounds > 0 ? this with { Rounds = rounds } : null,
        "--seconds" => TryParseSeconds(value, out var time) ? this with { RoundTime = time } : null,
        "--warm-up" => TryParseSeconds(value, out var time) ? this with { WarmUp = time } : null,
        _ => null,
    };

    private static bool TryParseSeconds(string value, out TimeSpan time)
    {
        var isNumber = double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0;
        time = TimeSpan.FromSeconds(isNumber ? seconds : 0);
        return isNumber;
    }
}
