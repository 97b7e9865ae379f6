using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>The client's side of an upgraded request.</summary>
internal static class ClientTransport
{
    private const string KestrelUpgradeStream = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpUpgradeStream";

    /// <summary>
    /// The connection's own pipe where the server is Kestrel and nobody has put a stream of theirs in between: once a request is upgraded Kestrel itself only passes
    /// its bytes on. Elsewhere pipes over the stream, which hold no buffer while nothing comes either.
    /// </summary>
    public static IDuplexPipe Get(IFeatureCollection features, Stream upgraded) =>
        upgraded.GetType().FullName == KestrelUpgradeStream && features.Get<IConnectionTransportFeature>() is { } connection
            ? connection.Transport
            : new StreamTransport(upgraded);

    private sealed class StreamTransport(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
