using System.Text.Json;

namespace StickyAspire.SystemTests.Running;

/// <summary>Scripts with the official JavaScript clients.</summary>
internal static class NodeScript
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static RunningProgram Start(string script, params string[] arguments)
    {
        Tool.Require("node");
        if (!Directory.Exists(Path.Combine(Repository.Clients, "node_modules")))
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "The npm packages of tests/clients are not installed: run ./test.");
        }

        return new RunningProgram("node", [script, .. arguments], Repository.Clients);
    }

    /// <summary>Runs a script to its end and returns the JSON of its last line.</summary>
    public static async Task<JsonElement> RunAsync(string script, params string[] arguments)
    {
        await using var program = Start(script, arguments);
        var exitCode = await program.WaitForExitAsync(Limit);
        Assert.True(exitCode == 0, program.Output);
        return JsonElement.Parse(program.Lines.Last());
    }

    /// <summary>Waits for a line of JSON whose <c>what</c> is as given.</summary>
    public static async Task<JsonElement> WaitForAsync(this RunningProgram program, string what, TimeSpan limit)
    {
        JsonElement? found = null;
        await Eventually.TrueAsync(
            () =>
            {
                Assert.False(program.HasExited && !Find(), program.Output);
                return Find();
            },
            limit,
            $"the script said '{what}'");
        return found!.Value;

        bool Find()
        {
            foreach (var line in program.Lines.Where(line => line.StartsWith('{')))
            {
                var element = JsonElement.Parse(line);
                if (element.GetProperty("what").GetString() == what)
                {
                    found = element;
                    return true;
                }
            }

            return false;
        }
    }
}
