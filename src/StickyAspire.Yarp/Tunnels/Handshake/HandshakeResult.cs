using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>What has become of a handshake.</summary>
/// <param name="Tunnel">The tunnel, where both sides have agreed; else the client has its answer.</param>
/// <param name="Early">What the server sent together with its answer.</param>
/// <param name="Error">What went wrong, for whoever is not there any more.</param>
/// <param name="IsForeign">A transform has sent the request to where tunnels cannot go, so nothing has been done yet.</param>
internal readonly record struct HandshakeResult(Tunnel? Tunnel, byte[]? Early = null, ForwarderError Error = ForwarderError.None, bool IsForeign = false)
{
    public static HandshakeResult Foreign => new(null, IsForeign: true);

    public static HandshakeResult Answered(ForwarderError error = ForwarderError.None) => new(null, Error: error);
}
