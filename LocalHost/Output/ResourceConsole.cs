namespace StickyAspire.LocalHosting.Output;

/// <summary>Everybody's lines on one console, each with its resource's name in front, in a colour of its own.</summary>
internal sealed class ResourceConsole(TextWriter output, bool useColor)
{
    private const string Reset = "\e[0m";
    private const string Own = "localhost";

    private static readonly string[] Colors = ["\e[36m", "\e[32m", "\e[33m", "\e[35m", "\e[34m", "\e[96m", "\e[92m", "\e[93m"];

    private readonly Lock _gate = new();
    private readonly List<string> _names = [];
    private int _width = Own.Length;

    /// <summary>Makes room for a resource's name and gives it a colour.</summary>
    public void Register(string name)
    {
        lock (_gate)
        {
            _names.Add(name);
            _width = Math.Max(_width, name.Length);
        }
    }

    /// <summary>Writes a line that a resource has printed.</summary>
    public void WriteLine(string name, string line)
    {
        lock (_gate)
        {
            var label = name.PadRight(_width);
            output.WriteLine(useColor ? $"{GetColor(name)}{label}{Reset} | {line}" : $"{label} | {line}");
        }
    }

    /// <summary>Writes a line of LocalHost's own.</summary>
    public void WriteLine(string line) => WriteLine(Own, line);

    /// <summary>Writes text as it is.</summary>
    public void WriteBlock(string text)
    {
        lock (_gate)
        {
            output.Write(text);
        }
    }

    private string GetColor(string name) => _names.IndexOf(name) is var index and >= 0 ? Colors[index % Colors.Length] : "\e[1m";
}
