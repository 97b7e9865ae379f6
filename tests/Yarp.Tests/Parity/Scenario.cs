using System.Globalization;
using System.Text.RegularExpressions;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>One run of a row through one balancer: sends requests and writes down what came back, in words that do not depend on chance.</summary>
internal sealed partial class Scenario(IBalancer balancer, IReadOnlyList<Upstream> servers)
{
    private readonly List<string> _transcript = [];

    public IBalancer Balancer { get; } = balancer;

    public Upstream S1 => servers[0];

    public Upstream S2 => servers[1];

    public Upstream S3 => servers[2];

    public IReadOnlyList<Upstream> Servers => servers;

    public IReadOnlyList<string> Transcript => _transcript;

    public void Note(string text) => _transcript.Add(text);

    /// <summary>Sends a request of a session whose server is known, and notes the answer word for word.</summary>
    public async Task<Answer> SendAsync(string path = "/", string? cookie = null, HttpMethod? method = null, params string[] headers)
    {
        var answer = await Balancer.Client.SendAsync(path, cookie, method, headers);
        Note($"{method?.Method ?? "GET"} {path} [{WithoutDates(cookie)}] {string.Join(' ', headers)} -> {Describe(answer)}");
        return answer;
    }

    /// <summary>The same where the server is the balancer's choice: its name is left out, wherever it is.</summary>
    public async Task<Answer> SendBalancedAsync(string path = "/", string? cookie = null, HttpMethod? method = null, params string[] headers)
    {
        var answer = await Balancer.Client.SendAsync(path, cookie, method, headers);
        var text = answer.Server.Length == 0 ? Describe(answer) : Describe(answer).Replace(answer.Server, "<server>", StringComparison.Ordinal);
        Note($"{method?.Method ?? "GET"} {path} [{WithoutDates(cookie)}] {string.Join(' ', headers)} -> {text}");
        return answer;
    }

    /// <summary>Waits until so many requests wait for the server, or for any.</summary>
    public async Task QueuedAsync(string? server, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await Balancer.QueuedAsync(server) != count)
        {
            Assert.False(limit.IsCancellationRequested, $"At {Balancer.Name} there never were {count} waiting for {server ?? "any"}.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public static string Describe(Answer answer)
    {
        var cookies = answer.SetCookies.Select(Normalize).Order(StringComparer.Ordinal);

        // Intended difference: what may not be cached anyway HAProxy does not mark. A row of its own has it.
        var cache = answer.CacheControl.Split(',', StringSplitOptions.TrimEntries).Distinct().Order(StringComparer.Ordinal).ToList();
        cache = cache.Any(each => each.StartsWith("max-age", StringComparison.Ordinal)) ? cache : [.. cache.Where(each => each != "private")];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)answer.Status} {answer.Server} set=[{string.Join(" + ", cookies)}] seen=[{answer.SeenCookie}] cache=[{string.Join(",", cache)}]");
    }

    /// <summary>
    /// Attributes have no order and no case. Intended difference: by default our cookie is for HTTP only and of the same site; HAProxy's is so if it is told.
    /// </summary>
    private static string Normalize(string setCookie)
    {
        var parts = setCookie.Split(';', StringSplitOptions.TrimEntries);
        return string.Join("; ", [WithoutDates(parts[0]), .. parts.Skip(1).Select(each => each.ToLowerInvariant()).Where(each => each != "samesite=lax").Order(StringComparer.Ordinal)]);
    }

    private static string WithoutDates(string? text) => text is null ? "" : Date().Replace(text, "|date");

    [GeneratedRegex(@"\|[A-Za-z0-9+/]{5}(?![A-Za-z0-9+/])")]
    private static partial Regex Date();
}
