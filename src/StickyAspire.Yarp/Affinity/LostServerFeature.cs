using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Affinity;

/// <summary>On a request whose server is configured, but not available: which one that is.</summary>
internal sealed record LostServerFeature(DestinationState Server);
