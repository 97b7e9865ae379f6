using System.Globalization;
using System.Text;

namespace StickyAspire;

/// <summary>
/// What a replica says of itself with every answer to a health check: <c>X-Sticky-State: drain; sessions=512; weight=100%; maxconn=1024</c>. The words are those of HAProxy's <c>agent-check</c>:
/// <c>ready</c>, <c>drain</c>, <c>maint</c>, <c>up</c>, <c>down</c>, <c>fail</c>, <c>stopped</c>, <c>75%</c>, <c>maxconn:30</c>, between spaces, commas or semicolons; what is behind a # is a comment.
/// <c>sessions</c> is ours: all that the replica has, so that every gateway knows of the others' too. Null is what it does not say. One source file, linked into the gateway's package and the replica's.
/// </summary>
/// <param name="Administrative">What its owner wants of it.</param>
/// <param name="IsUp">False for <c>down</c>, <c>fail</c>, <c>stopped</c>; true for <c>up</c>.</param>
/// <param name="Sessions">All its sessions.</param>
/// <param name="WeightPercent">Its weight in percent of the configured one.</param>
/// <param name="MaxConn">The most sessions it wants.</param>
internal readonly record struct StateReport(AdministrativeState? Administrative, bool? IsUp, int? Sessions, int? WeightPercent, int? MaxConn)
{
    public const string HeaderName = "X-Sticky-State";

    /// <summary>The longest header that is read, in characters.</summary>
    private const int MaxLength = 256;

    /// <summary>HAProxy lets an agent raise a weight, to at most 256.</summary>
    private const int MaxWeightPercent = 25_600;

    /// <summary>Reads a header. Words that nobody knows are passed over, for there may be newer replicas than gateways; of words that contradict each other the last counts.</summary>
    public static StateReport Parse(ReadOnlySpan<char> header)
    {
        var report = default(StateReport);
        header = header.Length > MaxLength ? [] : header;
        var comment = header.IndexOf('#');
        header = comment < 0 ? header : header[..comment];
        foreach (var range in header.SplitAny(" \t,;"))
        {
            report = report.With(header[range]);
        }

        return report;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(Administrative switch { AdministrativeState.Ready => "ready", AdministrativeState.Drain => "drain", AdministrativeState.Maint => "maint", _ => null });
        Append(IsUp switch { true => "up", false => "down", null => null });
        AppendNumber("sessions=", Sessions, "");
        AppendNumber("weight=", WeightPercent, "%");
        AppendNumber("maxconn=", MaxConn, "");
        return text.ToString();

        void AppendNumber(string name, int? number, string unit) => Append(number is { } value ? string.Create(CultureInfo.InvariantCulture, $"{name}{value}{unit}") : null);

        void Append(string? word)
        {
            if (word is not null)
            {
                text.Append(text.Length > 0 ? "; " : "").Append(word);
            }
        }
    }

    private StateReport With(ReadOnlySpan<char> word)
    {
        var end = word.IndexOfAny('=', ':');
        if (end >= 0)
        {
            var value = word[(end + 1)..];
            return word[..end] switch
            {
                "sessions" when TryParse(value, int.MaxValue, out var sessions) => this with { Sessions = sessions },
                "weight" when TryParse(value.TrimEnd('%'), MaxWeightPercent, out var weight) => this with { WeightPercent = weight },
                "maxconn" when TryParse(value, int.MaxValue, out var maxConn) => this with { MaxConn = maxConn },
                _ => this,
            };
        }

        return word switch
        {
            "ready" => this with { Administrative = AdministrativeState.Ready },
            "drain" => this with { Administrative = AdministrativeState.Drain },
            "maint" => this with { Administrative = AdministrativeState.Maint },
            "up" => this with { IsUp = true },
            "down" or "fail" or "failed" or "stopped" => this with { IsUp = false },
            [.. var number, '%'] when TryParse(number, MaxWeightPercent, out var weight) => this with { WeightPercent = weight },
            _ => this,
        };
    }

    private static bool TryParse(ReadOnlySpan<char> text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;
}
