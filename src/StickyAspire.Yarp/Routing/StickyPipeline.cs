namespace StickyAspire.Yarp.Routing;

/// <summary>Whether <c>UseStickySessions</c> is in the proxy's pipeline, so that configuration which needs it can be refused where it is not.</summary>
internal sealed class StickyPipeline
{
    public bool IsUsed { get; set; }
}
