using Yarp.ReverseProxy.Configuration;

namespace StickyAspire.Yarp.Configuration;

/// <summary>
/// One concern's check of a cluster's metadata when configuration is loaded. It reads its options just as it will at run time, from the readers it is given; what they find wrong
/// refuses the configuration: at start with an error, in a reload by keeping what was there.
/// </summary>
internal interface IClusterOptionsCheck
{
    /// <summary>The words in front of the dot in this concern's keys, for example <c>Check</c> in <c>Check.Rise</c>. Keys with such a word that nobody reads are refused.</summary>
    IEnumerable<string> Prefixes { get; }

    /// <summary>Reads, and so checks, a cluster's options.</summary>
    void CheckCluster(ClusterConfig cluster, MetadataReader metadata);

    /// <summary>Reads, and so checks, the options of one of the cluster's destinations.</summary>
    void CheckDestination(string destinationId, DestinationConfig destination, MetadataReader metadata)
    {
    }
}
