using SharpFuzz;
using SocketIO.Fuzz;

if (args is not [var name, .. var files] || FuzzTargets.Find(name) is not { } target)
{
    Console.Error.WriteLine($"usage: SocketIO.Fuzz {string.Join('|', FuzzTargets.Names)} [input file …]");
    return 2;
}

if (files.Length > 0)
{
    foreach (var file in files)
    {
        target(await File.ReadAllBytesAsync(file));
    }

    return 0;
}

if (Environment.GetEnvironmentVariable("__LIBFUZZER_SHM_ID") is null)
{
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        target(input.ToArray());
    });
}
else
{
    Fuzzer.LibFuzzer.Run(input => target(input.ToArray()));
}

return 0;
