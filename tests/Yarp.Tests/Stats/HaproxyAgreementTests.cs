using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.Yarp.Stats.Rows;
using Yarp.ReverseProxy.Configuration;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Stats;

/// <summary>The same requests to the real HAProxy and to our gateway, in front of the same servers; the same code reads what both say of them.</summary>
public sealed class HaproxyAgreementTests : GatewayTest
{
    /// <summary>Columns that HAProxy fills and we do not, and why.</summary>
    private static readonly Dictionary<string, string> Absent = new()
    {
        ["slim"] = "a limit that is not configured is none; HAProxy has defaults from the file descriptors it may open",
        ["idle_conn_cur"] = "the HTTP client's pool does not tell",
        ["safe_conn_cur"] = "the same",
        ["used_conn_cur"] = "the same",
        ["need_conn_est"] = "the same",
        ["srv_icur"] = "the same",
    };

    [Fact]
    public async Task Csv_TheHeader_IsHAProxysToTheLetter()
    {
        await using var haproxy = await HaproxyProcess.StartAsync(Upstreams);
        var gateway = await StartCheckedAsync();

        Assert.Equal(StatsCsv.Parse(await haproxy.ReadStatsAsync("csv")).Header, StatsCsv.Parse(HaproxyCsv.Write(Snapshot(gateway))).Header);
    }

    [Fact]
    public async Task Csv_EachColumnOfEachKindOfRow_IsOfHAProxysType()
    {
        await using var haproxy = await HaproxyProcess.StartAsync(Upstreams);
        var gateway = await StartCheckedAsync();
        await RunAsync(haproxy.Port);
        await RunAsync(gateway.Port);
        var theirs = StatsCsv.Parse(await haproxy.ReadStatsAsync("csv"));
        var ours = StatsCsv.Parse(HaproxyCsv.Write(Snapshot(gateway)));
        var problems = new List<string>();
        foreach (var server in (string[])["FRONTEND", "BACKEND", "s1", "s2", "s3"])
        {
            foreach (var name in theirs.Names.TakeWhile(name => name != "-"))
            {
                var (their, our) = (theirs[server][name], ours[server][name]);
                if (their.Length > 0 && our.Length == 0 && !Absent.ContainsKey(name))
                {
                    problems.Add($"{server}.{name} is empty, HAProxy has '{their}'");
                }
                else if (their.Length > 0 && our.Length > 0 && IsNumber(their) != IsNumber(our))
                {
                    problems.Add($"{server}.{name} is '{our}', HAProxy has '{their}'");
                }
            }
        }

        Assert.Empty(problems);
    }

    [Fact]
    public async Task Csv_AfterTheSameRequests_TheNumbersAreTheSame()
    {
        await using var haproxy = await HaproxyProcess.StartAsync(Upstreams);
        var gateway = await StartCheckedAsync();
        await RunAsync(haproxy.Port);
        await RunAsync(gateway.Port);
        var theirs = StatsCsv.Parse(await haproxy.ReadStatsAsync("csv"));
        var ours = StatsCsv.Parse(HaproxyCsv.Write(Snapshot(gateway)));

        string[] ofCluster = ["scur", "stot", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other", "req_tot", "lbtot", "econ", "eresp", "wretr", "wredis", "qcur", "qmax", "act", "bck", "weight", "status", "type", "dreq", "dresp", "cli_abrt", "srv_abrt", "mode", "chkdown"];
        string[] ofServer = ["scur", "hrsp_5xx", "econ", "eresp", "wretr", "wredis", "qcur", "act", "bck", "weight", "uweight", "slim", "status", "type", "check_status", "check_code", "chkfail", "chkdown", "check_rise", "check_fall", "check_health", "mode", "pid"];
        string[] ofFrontend = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "status", "type", "ereq", "dreq", "mode"];
        Assert.Equal(Select(theirs, "BACKEND", ofCluster), Select(ours, "BACKEND", ofCluster));
        foreach (var server in (string[])["s1", "s2", "s3"])
        {
            Assert.Equal(Select(theirs, server, ofServer), Select(ours, server, ofServer));
        }

        Assert.Equal(Select(theirs, "FRONTEND", ofFrontend), Select(ours, "FRONTEND", ofFrontend));

        // The cookie's sessions are s2's with both; the balanced ones are spread by each in its own order.
        Assert.Equal(theirs.Number("s2", "stot") - theirs.Number("s2", "lbtot"), ours.Number("s2", "stot") - ours.Number("s2", "lbtot"));
        Assert.Equal(5, ours.Number("s2", "stot") - ours.Number("s2", "lbtot"));

        // HAProxy counts the headers of messages too.
        Assert.InRange(ours.Number("BACKEND", "bout"), 1, theirs.Number("BACKEND", "bout"));
        Assert.InRange(ours.Number("BACKEND", "bin"), 1_000, theirs.Number("BACKEND", "bin"));
    }

    [Fact]
    public async Task Json_FieldsTagsAndTypes_AreHAProxys()
    {
        await using var haproxy = await HaproxyProcess.StartAsync(Upstreams);
        var gateway = await StartCheckedAsync();
        await RunAsync(haproxy.Port);
        await RunAsync(gateway.Port);
        var theirs = ReadFields(await haproxy.ReadStatsAsync("json"));
        var ours = ReadFields(Encoding.UTF8.GetString(HaproxyJson.Write(Snapshot(gateway))));

        // The same field of a cluster may be tagged otherwise than a server's; ours are the servers'.
        var compared = ours.Where(field => field.Key.Kind == "Server" && theirs.ContainsKey(field.Key)).ToList();
        Assert.True(compared.Count > 50, $"Only {compared.Count} fields are there to compare.");
        Assert.All(compared, field => Assert.Equal((field.Key, theirs[field.Key]), (field.Key, field.Value)));
    }

    private static StatsSnapshot Snapshot(Gateway gateway) => gateway.Services.GetRequiredService<SnapshotBuilder>().Build();

    private static string Select(StatsCsv csv, string server, string[] names) => $"{server}: " + string.Join(' ', names.Select(name => $"{name}={csv[server][name]}"));

    private static bool IsNumber(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static Dictionary<(string Kind, string Name), string> ReadFields(string json)
    {
        var fields = new Dictionary<(string, string), string>();
        foreach (var field in JsonElement.Parse(json).EnumerateArray().SelectMany(row => row.EnumerateArray()))
        {
            var tags = field.GetProperty("tags");
            fields[(field.GetProperty("objType").GetString()!, field.GetProperty("field").GetProperty("name").GetString()!)] =
                $"{field.GetProperty("field").GetProperty("pos")} {tags.GetProperty("origin")} {tags.GetProperty("nature")} {tags.GetProperty("scope")} {field.GetProperty("value").GetProperty("type")}";
        }

        return fields;
    }

    /// <summary>Nine new sessions, five of a cookie's, three that find nothing, and a body.</summary>
    private async Task RunAsync(int port)
    {
        using var client = new Client(port);
        for (var i = 0; i < 9; i++)
        {
            await client.SendAsync();
        }

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync("/", "SERVERID=s2");
        }

        S1.Status = S2.Status = S3.Status = 404;
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync();
        }

        S1.Status = S2.Status = S3.Status = 200;
        using var http = new HttpClient();
        using var body = new ByteArrayContent(new byte[1_000]);
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/"), body, TestContext.Current.CancellationToken);
    }

    private async Task<Gateway> StartCheckedAsync()
    {
        var settings = ClusterSettings.With("Admission.MaxConn=1024") with
        {
            HealthCheck = new HealthCheckConfig
            {
                Active = new ActiveHealthCheckConfig { Enabled = true, Policy = "RiseFall", Path = "/alive", Interval = TimeSpan.FromSeconds(1) },
                Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "ConnectFailure" },
            },
        };
        var gateway = await StartAsync(settings, configure: proxy => proxy.AddStats());
        await Eventually.TrueAsync(() => Snapshot(gateway).Rows.Count(row => row.Type == StatsRowType.Server && (string?)row[StatsField.Status] == "UP") == 3, "all servers are up");
        return gateway;
    }
}
