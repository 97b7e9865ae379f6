using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Admission;

/// <summary>How many requests a cluster's servers are given at once, and what becomes of the others, from its metadata.</summary>
/// <param name="MaxConn">HAProxy's <c>maxconn</c> for each server: requests in progress, WebSockets among them. A destination may have its own; what a server reports of itself is stronger than both. Default 0: no limit.</param>
/// <param name="HandshakeRate">How many sessions may begin at each server in a second. A destination may have its own. Default 0: no limit.</param>
/// <param name="ClientHandshakeRate">How many sessions may begin from one client address in a second. Default 0: no limit.</param>
/// <param name="RetryAfter">The longest <c>Retry-After</c> that a refused client is told. Default 5 s.</param>
/// <param name="QueueTimeout">HAProxy's <c>timeout queue</c>: how long a request waits for a free slot before it is answered 503. Default 10 s.</param>
/// <param name="QueueMaxLength">HAProxy's <c>maxqueue</c>: how many may wait for one server, and for any server. Default 1,000.</param>
internal sealed record AdmissionOptions(
    int MaxConn, int HandshakeRate, int ClientHandshakeRate, TimeSpan RetryAfter, TimeSpan QueueTimeout, int QueueMaxLength)
{
    public const string MaxConnKey = "Admission.MaxConn";
    public const string HandshakeRateKey = "Admission.HandshakeRate";
    public const string ClientHandshakeRateKey = "Admission.ClientHandshakeRate";
    public const string RetryAfterKey = "Admission.RetryAfter";
    public const string QueueTimeoutKey = "Queue.Timeout";
    public const string QueueMaxLengthKey = "Queue.MaxLength";

    private const int Max = 1_000_000;

    private static readonly ConditionalWeakTable<ClusterConfig, AdmissionOptions> Cache = [];

    /// <summary>A cluster's options, read once for each of its configurations.</summary>
    public static AdmissionOptions Of(ClusterConfig cluster) =>
        Cache.TryGetValue(cluster, out var options) ? options : Cache.GetValue(cluster, static each => Read(new MetadataReader(each.Metadata, each.ClusterId)));

    public static AdmissionOptions Read(MetadataReader metadata) => new(
        metadata.ReadInt32(MaxConnKey, 0, 0, Max),
        metadata.ReadInt32(HandshakeRateKey, 0, 0, Max),
        metadata.ReadInt32(ClientHandshakeRateKey, 0, 0, Max),
        metadata.ReadTime(RetryAfterKey, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        metadata.ReadTime(QueueTimeoutKey, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
        metadata.ReadInt32(QueueMaxLengthKey, 1_000, 0, Max));

    /// <summary>A destination's own limits, else its cluster's.</summary>
    public (int MaxConn, int HandshakeRate) Of(MetadataReader destination) =>
        (destination.ReadInt32(MaxConnKey, MaxConn, 0, Max), destination.ReadInt32(HandshakeRateKey, HandshakeRate, 0, Max));
}
