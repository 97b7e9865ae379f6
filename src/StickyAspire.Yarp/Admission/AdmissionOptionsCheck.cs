using StickyAspire.Yarp.Configuration;
using StickyAspire.Yarp.Routing;
using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Admission;

internal sealed class AdmissionOptionsCheck(StickyPipeline pipeline) : IClusterOptionsCheck
{
    private const string NeedsPipeline = "none unless the proxy has our pipeline: app.MapReverseProxy(proxy => proxy.UseStickySessions())";

    public IEnumerable<string> Prefixes => ["Admission", "Queue"];

    public void CheckCluster(ClusterConfig cluster, MetadataReader metadata)
    {
        AdmissionOptions.Read(metadata);
        RefuseWithoutPipeline(metadata, AdmissionOptions.MaxConnKey, AdmissionOptions.HandshakeRateKey, AdmissionOptions.ClientHandshakeRateKey, AdmissionOptions.QueueTimeoutKey, AdmissionOptions.QueueMaxLengthKey);
    }

    public void CheckDestination(string destinationId, DestinationConfig destination, MetadataReader metadata)
    {
        AdmissionOptions.Read(new MetadataReader(null, destinationId)).Of(metadata);
        RefuseWithoutPipeline(metadata, AdmissionOptions.MaxConnKey, AdmissionOptions.HandshakeRateKey);
    }

    /// <summary>A limit that nobody enforces would be found out on the worst day.</summary>
    private void RefuseWithoutPipeline(MetadataReader metadata, params ReadOnlySpan<string> keys)
    {
        if (pipeline.IsUsed)
        {
            return;
        }

        foreach (var key in keys)
        {
            if (metadata.ReadText(key) is { } value)
            {
                metadata.AddError(key, value, NeedsPipeline);
            }
        }
    }
}
