using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace StickyAspire.Bench.IdleMemory;

/// <summary>Starts the host, opens the sessions, and reads the process's resident memory before and after.</summary>
internal static class Measurement
{
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new ConfigurationBuilder().AddCommandLine(args).Build();
        var sessions = options.GetValue("sessions", 10_000);
        var idle = TimeSpan.FromSeconds(options.GetValue("idle", 60));
        using var backend = new BackendServer();
        using var host = Start($"--mode={options["mode"] ?? "socketio"}", $"--backend={backend.Url}", $"--detach={options["detach"] ?? "true"}");
        var clients = new List<IdleClient>(sessions);
        try
        {
            var url = new Uri(await host.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The host did not start."));
            var server = new IPEndPoint(IPAddress.Loopback, url.Port);
            using var http = new HttpClient { BaseAddress = url };

            // Compiled code is a cost of the process, not of a session: without this it would be counted among the sessions.
            await ConnectAsync(clients, options.GetValue("warmup", 1_000), server);
            clients.ForEach(client => client.Dispose());
            clients.Clear();
            await http.PostAsync("/collect", null);
            var before = await ReadAsync(http, host);

            await ConnectAsync(clients, sessions, server);

            var connected = await ReadAsync(http, host);
            await Task.Delay(idle);
            var after = await ReadAsync(http, host);
            await http.PostAsync("/collect", null);
            var collected = await ReadAsync(http, host);

            Print("with no session", before, before, sessions);
            Print("just connected", connected, before, sessions);
            Print($"idle for {idle.TotalSeconds} s", after, before, sessions);
            Print("after a full collection", collected, before, sessions);
            if (options["pause"] is not null)
            {
                Console.WriteLine($"host pid {host.Id}; Enter ends");
                Console.ReadLine();
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
            host.Kill();
        }

        return 0;
    }

    private static async Task ConnectAsync(List<IdleClient> clients, int count, IPEndPoint server)
    {
        while (clients.Count < count)
        {
            clients.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(50, count - clients.Count)).Select(_ => IdleClient.ConnectAsync(server))));
        }
    }

    private static Process Start(params string[] options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["host", .. options]) { RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    private static async Task<(long Resident, long Heap)> ReadAsync(HttpClient http, Process host)
    {
        var heap = long.Parse(await http.GetStringAsync("/heap"), CultureInfo.InvariantCulture);
        host.Refresh();
        return (host.WorkingSet64, heap);
    }

    private static void Print(string state, (long Resident, long Heap) now, (long Resident, long Heap) before, int sessions) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{state,-24} resident {now.Resident / 1e6,7:F1} MB  {(now.Resident - before.Resident) / 1024.0 / sessions,6:F2} KiB a session   heap {now.Heap / 1e6,7:F1} MB  {(now.Heap - before.Heap) / 1024.0 / sessions,6:F2} KiB a session"));
}
