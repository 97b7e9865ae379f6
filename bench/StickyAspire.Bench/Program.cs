using StickyAspire.Bench;
using StickyAspire.Bench.Measuring;

if (BenchOptions.Parse(args) is not { } options)
{
    Console.Error.Write(BenchOptions.Help);
    return 2;
}

try
{
    var incumbent = options.Incumbent is { } file ? SystemUnderTest.Read("the incumbent", file) : null;
    using var runner = new BenchRunner(options, SystemUnderTest.Read("StickyAspire", options.Ours), incumbent);
    var report = runner.Run();
    Console.Out.Write(report);
    if (options.Output is { } output)
    {
        File.WriteAllText(output, report);
    }

    return 0;
}
catch (BenchException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
