using System.Globalization;
using System.Text;
using StickyAspire.Bench.Measuring;

namespace StickyAspire.Bench.Reporting;

/// <summary>The tables. Markdown, which reads well on a console too.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public void AddHeader(BenchOptions options)
    {
        Add($"Measured {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC on {Environment.ProcessorCount} cores ({ReadCpuModel()}), Linux {Environment.OSVersion.Version}, .NET {Environment.Version}.");
        Add($"{options.Rounds} rounds of {options.RoundTime.TotalSeconds:0.#} s for each scenario and system, one system after the other in each round, after rounds that are not counted: as many as it takes until the CPU time settles.");
        Add("");
        Add("CPU time is user and system time of all processes of the system under test, in µs for each operation, the median of the rounds. Ratios are ours ÷ the incumbent's, round by round: median (min–max).");
        Add("Latencies are those of all rounds together, in ms; in the paced scenarios they count from the time at which a message was meant to be sent.");
        Add("");
    }

    public void AddScenarios(IReadOnlyList<ScenarioResult> results)
    {
        Add("| scenario | ratio of CPU | gateway alone | servers alone | ours: gateway + servers + redis | incumbent: gateway + servers + redis | in the kernel: ours, incumbent | ours/s | incumbent/s | ours p50 / p99 / p99.9 | incumbent p50 / p99 / p99.9 | tool |");
        Add("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var result in results)
        {
            var ours = result.Ours;
            var theirs = result.Incumbent;
            Add($"| {result.Scenario.Name} | {result.Ratio(cpu => cpu.Total)} | {result.Ratio(cpu => cpu.Gateway)} | {result.Ratio(cpu => cpu.Servers)} | {Cpu(ours)} | {Cpu(theirs)} | {Kernel(ours, theirs)} | " +
                $"{Speed(ours)} | {Speed(theirs)} | {Latency(ours)} | {Latency(theirs)} | {Spread.Of(ours.Select(each => each.CpuPerOperation.Tool)).Median:0.0} |");
        }

        Add("");
    }

    public void AddMemory(IReadOnlyList<MemoryReading> ours, IReadOnlyList<MemoryReading> theirs)
    {
        Add("| idle sessions | ratio of resident memory | ours MiB: gateway + servers + redis | incumbent MiB: gateway + servers + redis | ours, shared pages once | incumbent, shared pages once | ours, CPU while idle | incumbent, CPU while idle |");
        Add("| --- | --- | --- | --- | --- | --- | --- | --- |");
        for (var i = 0; i < ours.Count; i++)
        {
            var other = i < theirs.Count ? theirs[i] : null;
            var ratio = other is null ? "" : ((double)ours[i].Resident.Sum() / other.Resident.Sum()).ToString("0.00", CultureInfo.InvariantCulture);
            Add($"| {ours[i].Sessions:N0} | {ratio} | {Memory(ours[i].Resident)} | {Memory(other?.Resident)} | {Memory(ours[i].Proportional)} | {Memory(other?.Proportional)} | {Idle(ours[i])} | {Idle(other)} |");
        }

        Add("");
    }

    public void AddFailover(IReadOnlyList<(int Affected, double Seconds)> ours, IReadOnlyList<(int Affected, double Seconds)> theirs)
    {
        Add("| kill -9 of one server | ratio | ours, s until all are back | incumbent, s until all are back |");
        Add("| --- | --- | --- | --- |");
        for (var i = 0; i < ours.Count; i++)
        {
            var hasOther = i < theirs.Count;
            var ratio = hasOther ? (ours[i].Seconds / theirs[i].Seconds).ToString("0.00", CultureInfo.InvariantCulture) : "";
            var other = hasOther ? string.Create(CultureInfo.InvariantCulture, $"{theirs[i].Seconds:0.0} ({theirs[i].Affected} clients)") : "";
            Add($"| round {i + 1} | {ratio} | {ours[i].Seconds:0.0} ({ours[i].Affected} clients) | {other} |");
        }

        Add("");
    }

    public static string Cpu(IReadOnlyList<Measurement> rounds)
    {
        if (rounds.Count == 0)
        {
            return "";
        }

        var gateway = Median(rounds, cpu => cpu.Gateway);
        var servers = Median(rounds, cpu => cpu.Servers);
        var redis = Median(rounds, cpu => cpu.Redis);
        var total = Median(rounds, cpu => cpu.Total);
        return string.Create(CultureInfo.InvariantCulture, $"**{total:0.0}** = {gateway:0.0} + {servers:0.0} + {redis:0.0}");
    }

    private static string Kernel(IReadOnlyList<Measurement> ours, IReadOnlyList<Measurement> theirs) =>
        string.Join(", ", new[] { ours, theirs }.Where(rounds => rounds.Count > 0).Select(rounds => Median(rounds, cpu => cpu.Kernel).ToString("0.0", CultureInfo.InvariantCulture)));

    private static double Median(IReadOnlyList<Measurement> rounds, Func<CpuTimes, double> part) =>
        Spread.Of(rounds.Select(round => part(round.CpuPerOperation))).Median;

    private static string Speed(IReadOnlyList<Measurement> rounds) =>
        rounds.Count == 0 ? "" : Spread.Of(rounds.Select(round => round.Operations / round.Seconds)).Median.ToString("N0", CultureInfo.InvariantCulture);

    private static string Latency(IReadOnlyList<Measurement> rounds)
    {
        var all = new Latencies().Histogram;
        foreach (var round in rounds)
        {
            if (round.Latency is { } latency)
            {
                all.Add(latency);
            }
        }

        return rounds.Count == 0 || all.TotalCount == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{all.GetValueAtPercentile(50) / 1e3:0.0} / {all.GetValueAtPercentile(99) / 1e3:0.0} / {all.GetValueAtPercentile(99.9) / 1e3:0.0}");
    }

    private static string Memory(long[]? kibibytes) =>
        kibibytes is null ? "" : string.Create(CultureInfo.InvariantCulture, $"**{kibibytes.Sum() / 1024.0:0}** = {kibibytes[0] / 1024.0:0} + {kibibytes[1] / 1024.0:0} + {kibibytes[2] / 1024.0:0}");

    private static string Idle(MemoryReading? reading) =>
        reading is null || reading.Sessions == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{reading.IdleCpu.Total * 100:0.0} %");

    private static string ReadCpuModel() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    private void Add(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private void Add(string line) => _text.Append(line).Append('\n');
}
