using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.Connections;

/// <summary>
/// A transport connection as Kestrel sees it. Once a handler has detached it, whatever Kestrel still does to it on its way out is without effect; and since Kestrel's features are kept here and not
/// on the transport's own connection, all that belongs to HTTP goes when the request ends.
/// </summary>
internal sealed class DetachableConnection : ConnectionContext, IConnectionTransportFeature, IDuplexPipe
{
    private const string KestrelUpgradeStream = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpUpgradeStream";

    private readonly ConnectionContext _inner;
    private readonly DetachingListener _listener;
    private readonly FeatureCollection _features;
    private readonly HttpInput _input;
    private readonly HttpOutput _output;
    private readonly bool _hasFile;
    private volatile bool _isDetached;
    private bool _isDisposed;

    /// <param name="inner">The transport's.</param>
    /// <param name="listener">Who has accepted it.</param>
    /// <param name="hasFile">Whether it has a place in the table of open files.</param>
    public DetachableConnection(ConnectionContext inner, DetachingListener listener, bool hasFile)
    {
        _hasFile = hasFile;
        _inner = inner;
        _listener = listener;
        _features = new FeatureCollection(inner.Features);
        _features.Set<IConnectionTransportFeature>(this);
        _features.Set(this);
        _input = new HttpInput(inner.Transport.Input, this);
        _output = new HttpOutput(inner.Transport.Output, this);
        Transport = this;
    }

    /// <summary>Who has accepted it, and would take others.</summary>
    public DetachingListener Listener => _listener;

    /// <summary>Whether it belongs to somebody else by now.</summary>
    public bool IsDetached => _isDetached;

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    /// <summary>This, unless a connection middleware has put something of its own in between: TLS, for example.</summary>
    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <summary>
    /// Takes an upgraded request's connection away from HTTP, for the caller to use and dispose of. The request may end at any time from now on, and what it still writes is thrown away; its handler
    /// should return soon, since the request's memory stays until then.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="upgraded">What upgrading it has returned.</param>
    /// <returns>Null where that cannot be: another server or transport, TLS, HTTP/2, a stream that somebody has put around Kestrel's.</returns>
    public static DetachedConnection? TryDetach(HttpContext context, Stream upgraded) =>
        upgraded.GetType().FullName == KestrelUpgradeStream && HttpProtocol.IsHttp11(context.Request.Protocol) ? context.Features.Get<DetachableConnection>()?.TryDetach() : null;

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!_isDetached)
        {
            _inner.Abort(abortReason);
        }
    }

    public override void Abort()
    {
        if (!_isDetached)
        {
            _inner.Abort();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isDetached && !Interlocked.Exchange(ref _isDisposed, true))
        {
            await _inner.DisposeAsync();
            if (_hasFile)
            {
                _listener.OnClosed();
            }
        }

        await base.DisposeAsync();
    }

    private DetachedConnection? TryDetach()
    {
        if (_isDetached || Transport != this)
        {
            return null;
        }

        _isDetached = true;
        var detached = new DetachedConnection(_inner, _listener, _hasFile);
        _listener.Add(detached);

        // For whoever has to do something when the connection ends, and has not been told that this is later now.
        _features.Set<IConnectionCompleteFeature>(detached);
        return detached;
    }
}
