using System.Text.Json;

namespace StickyAspire.Bench.Measuring;

/// <summary>One of the two systems: its gateway's port and its processes, read from the status file that its start script keeps.</summary>
internal sealed class SystemUnderTest
{
    private SystemUnderTest(string name, int port, IReadOnlyList<SystemProcess> processes)
    {
        Name = name;
        Port = port;
        Processes = processes;
    }

    public string Name { get; }

    public int Port { get; }

    public IReadOnlyList<SystemProcess> Processes { get; private set; }

    public static SystemUnderTest Read(string name, string statusFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(statusFile));
        var processes = new List<SystemProcess>();
        var port = 0;
        foreach (var resource in document.RootElement.GetProperty("resources").EnumerateArray())
        {
            var resourceName = resource.GetProperty("name").GetString()!;
            var part = resourceName switch
            {
                "gateway" => SystemPart.Gateway,
                "backplane" => SystemPart.Redis,
                _ => SystemPart.Servers,
            };
            processes.Add(new SystemProcess(part, resourceName, resource.GetProperty("pid").GetInt32()));
            if (part == SystemPart.Gateway)
            {
                port = new Uri(resource.GetProperty("url").GetString()!).Port;
            }
        }

        return new SystemUnderTest(name, port, processes);
    }

    /// <summary>A process that has been started again has another id.</summary>
    public void Replace(SystemProcess old, SystemProcess fresh) => Processes = [.. Processes.Select(process => process == old ? fresh : process)];
}
