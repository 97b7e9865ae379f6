using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Trunks;

namespace StickyAspire.Replica;

/// <summary>A stream of a trunk as Kestrel sees it: a connection like any other.</summary>
internal sealed class TrunkConnection : ConnectionContext, IDuplexPipe
{
    private readonly TrunkStream _stream;
    private readonly string _trunkId;
    private readonly TrunkOutput _output;
    private IDictionary<object, object?>? _items;
    private string? _id;

    /// <param name="stream">The stream, which belongs to the connection from now on.</param>
    /// <param name="trunk">The trunk's own connection.</param>
    /// <param name="features">What the transport offers to connections; shared by all.</param>
    public TrunkConnection(TrunkStream stream, TrunkOrigin trunk, IFeatureCollection features)
    {
        _stream = stream;
        _trunkId = trunk.Id;
        _output = new TrunkOutput(stream);
        Features = new FeatureCollection(features);
        Transport = this;
        LocalEndPoint = trunk.Local;
        RemoteEndPoint = trunk.Remote;
        ConnectionClosed = stream.Ended;
    }

    public override string ConnectionId
    {
        get => _id ??= string.Create(CultureInfo.InvariantCulture, $"{_trunkId}/{_stream.Id}");
        set => _id = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    PipeReader IDuplexPipe.Input => _stream.Input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <summary>Without a reason, as Kestrel gives none for a client that has gone, this is an end like any other; else the other end's reader fails.</summary>
    public override void Abort(ConnectionAbortedException? abortReason)
    {
        if (abortReason is null)
        {
            _stream.Close();
        }
        else
        {
            _stream.Reset();
        }
    }

    /// <summary>Ends it after what has been written, which may wait for a reader that is slow; <see cref="Abort"/> ends that.</summary>
    public override async ValueTask DisposeAsync()
    {
        _output.Complete();
        _stream.Input.Complete();
        await _output.DrainAsync();
        _stream.Close();
        await base.DisposeAsync();
    }
}
