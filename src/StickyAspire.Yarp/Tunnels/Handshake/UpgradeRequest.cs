using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>What YARP's pipeline has decided about a WebSocket.</summary>
internal sealed record UpgradeRequest(
    HttpContext Context,
    string DestinationPrefix,
    ForwarderRequestConfig Config,
    HttpTransformer Transformer,
    ClusterConfig Cluster,
    DestinationState Destination,
    TunnelOptions Options,
    CancellationToken Cancellation);
