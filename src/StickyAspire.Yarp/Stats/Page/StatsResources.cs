using System.Buffers;
using System.Net.Mime;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using StickyAspire.Yarp.Stats.Counting;
using StickyAspire.Yarp.Stats.Live;
using StickyAspire.Yarp.Stats.Rows;

namespace StickyAspire.Yarp.Stats.Page;

/// <summary>What there is at a statistics address: the page, and behind semicolons what belongs to it.</summary>
internal sealed class StatsResources(StatsFeed feed, StatsCollector collector, IOptions<StatsOptions> options, IHostApplicationLifetime lifetime)
{
    /// <summary>Nothing from elsewhere, nothing inline, in nobody's frame.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string PlainText = "text/plain; charset=utf-8";

    private static readonly string Html = Encoding.UTF8.GetString(Read("index.html"));
    private static readonly byte[] Css = Read("stats.css");
    private static readonly byte[] JavaScript = Read("stats.js");

    /// <param name="context">The request.</param>
    /// <param name="uri">The page's address, as the client sees it.</param>
    /// <param name="resource">What stands behind it: <c>csv;norefresh</c>.</param>
    public Task ServeAsync(HttpContext context, string uri, string resource)
    {
        collector.AddIntercepted();
        var response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        var end = resource.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? resource : resource[..end]) switch
        {
            "" => ServePageAsync(context, uri),
            "stats.css" => WriteAsync(context, "text/css; charset=utf-8", Css),
            "stats.js" => WriteAsync(context, "text/javascript; charset=utf-8", JavaScript),
            "csv" => ServeAsync(context, PlainText, static frame => Encoding.UTF8.GetBytes(HaproxyCsv.Write(frame.Snapshot))),
            "json" => ServeAsync(context, MediaTypeNames.Application.Json, static frame => HaproxyJson.Write(frame.Snapshot)),
            "live" => ServeAsync(context, MediaTypeNames.Application.Json, static frame => frame.Full),
            "events" => ServeEventsAsync(context),
            _ => NotFoundAsync(response),
        };
    }

    private static Task NotFoundAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> content)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        }
    }

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Stats." + name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private Task ServePageAsync(HttpContext context, string uri)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        var version = options.Value.HideVersion ? "" : typeof(StatsResources).Assembly.GetName().Version?.ToString(3) ?? "";

        // The address holds nothing that HTML would take for more than text: StatsUri sees to it, and a path base is escaped.
        return WriteAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(Html.Replace("{uri}", uri, StringComparison.Ordinal).Replace("{version}", version, StringComparison.Ordinal)));
    }

    private async Task ServeAsync(HttpContext context, string contentType, Func<StatsFrame, byte[]> write) =>
        await WriteAsync(context, contentType, write(await feed.Current.WaitAsync(context.RequestAborted)));

    /// <summary>Server-sent events: the whole with its history once, then a frame each second.</summary>
    private async Task ServeEventsAsync(HttpContext context)
    {
        if (!feed.TryEnter())
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers[HeaderNames.RetryAfter] = "5";
            return;
        }

        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            context.Response.ContentType = "text/event-stream";

            // Proxies in front of this one hold nothing back.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            var frame = await feed.Current.WaitAsync(end.Token);
            await WriteEventAsync(context, "full", frame.Full, end.Token);
            while (true)
            {
                frame = await feed.Next.WaitAsync(end.Token);
                await WriteEventAsync(context, "next", frame.Next, end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The viewer has gone, or the gateway goes.
        }
        finally
        {
            feed.Leave();
        }
    }

    private static async Task WriteEventAsync(HttpContext context, string name, byte[] data, CancellationToken cancellationToken)
    {
        var body = context.Response.BodyWriter;
        body.Write(Encoding.UTF8.GetBytes($"event: {name}\ndata: "));
        body.Write(data);
        body.Write("\n\n"u8);
        await body.FlushAsync(cancellationToken);
    }
}
