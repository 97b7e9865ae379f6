using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Yarp.Forwarding;
using StickyAspire.Yarp.Stats.Counting;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>
/// One request on its way through the proxy, and everything that counting it needs in one object: it is found among the request's features, and stands in for the answer's body to count
/// its bytes as they go, so that an answer that takes hours is seen while it lasts.
/// </summary>
internal sealed class ProxiedRequest(HttpContext context, StatsCollector collector, ClusterCounters cluster, IHttpResponseBodyFeature body) : OneWayStream, IHttpResponseBodyFeature
{
    private readonly long _began = collector.Timestamp;
    private ServerCounters? _server;
    private long _sent;
    private bool _answered;

    public IHttpResponseBodyFeature Inner => body;

    /// <summary>Whether balancing chooses its server, rather than affinity.</summary>
    public bool IsBalanced { get; set; }

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => body.Writer;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public void Begin()
    {
        var now = collector.ToMilliseconds(_began);
        collector.Requests.Begin(now);
        cluster.Begin(now);
    }

    public void End(int statusCode)
    {
        collector.Requests.End();
        collector.Requests.AddResponse(statusCode);
        cluster.End();
        cluster.AddResponse(statusCode);
        cluster.AddTotalTime(collector.MillisecondsSince(_began));
        if (_sent == 0 && context.Features.Get<IForwarderErrorFeature>()?.Error == ForwarderError.NoAvailableDestinations)
        {
            cluster.AddConnectError();
        }
    }

    /// <summary>Its session's server is gone, and another takes it.</summary>
    public void CountRedispatch() => cluster.AddRedispatch();

    /// <summary>A server has been chosen, and is asked next. Another time after a first one that failed.</summary>
    public void BeginAttempt(string serverId)
    {
        var server = cluster.Server(serverId);
        if (_server is { } failed)
        {
            failed.AddRetry();
            cluster.AddRetry();
            if (failed != server)
            {
                failed.AddRedispatch();
                cluster.AddRedispatch();
            }
        }
        else
        {
            // Until now it has been in no server's hands: in a queue, if that took any time.
            var waited = collector.MillisecondsSince(_began);
            server.AddQueueTime(waited);
            cluster.AddQueueTime(waited);
        }

        if (IsBalanced || _server is not null)
        {
            server.AddBalanced();
            cluster.AddBalanced();
        }

        _server = server;
        _sent = collector.Timestamp;
        _answered = false;
        server.Begin(collector.ToMilliseconds(_sent));
    }

    public void EndAttempt(ForwarderError error)
    {
        var server = _server!;
        if (error == ForwarderError.None || _answered)
        {
            server.AddResponse(context.Response.StatusCode);
            if (context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
            {
                Answer();
            }
        }

        server.AddTotalTime(collector.MillisecondsSince(_sent));
        if (error != ForwarderError.None)
        {
            Blame.For(error, context.Features.Get<IForwarderErrorFeature>()?.Exception, collector.Requests, cluster, server);
        }

        server.End();
    }

    /// <summary>Its tunnel goes on without it: what is counted at its end is left to that.</summary>
    public StatsHold Leave()
    {
        // Kestrel tells of the connection's end when it is not Kestrel's any more.
        collector.Connections.Continue();
        return new StatsHold(collector, cluster, _server!, _began, _sent, _answered);
    }

    public void AddBytesIn(long count)
    {
        collector.Requests.AddBytesIn(count);
        cluster.AddBytesIn(count);
        _server?.AddBytesIn(count);
    }

    public void AddBytesOut(long count)
    {
        collector.Requests.AddBytesOut(count);
        cluster.AddBytesOut(count);
        _server?.AddBytesOut(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Answer();
        AddBytesOut(buffer.Length);
        return body.Stream.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Answer();
        AddBytesOut(count);
        body.Stream.Write(buffer, offset, count);
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Answer();
        return body.Stream.FlushAsync(cancellationToken);
    }

    public override void Flush() => body.Stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    void IHttpResponseBodyFeature.DisableBuffering() => body.DisableBuffering();

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        Answer();
        return body.StartAsync(cancellationToken);
    }

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) => body.SendFileAsync(path, offset, count, cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => body.CompleteAsync();

    /// <summary>Notes the first sign of the server's answer.</summary>
    public void Answer()
    {
        if (_answered || _server is not { } server)
        {
            return;
        }

        _answered = true;
        var time = collector.MillisecondsSince(_sent);
        server.AddResponseTime(time);
        cluster.AddResponseTime(time);
    }
}
