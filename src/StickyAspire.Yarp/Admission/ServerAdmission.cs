using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Admission;

/// <summary>A server's slots and its queue. Whoever changes it holds the cluster's lock; anybody may read.</summary>
internal sealed class ServerAdmission(DestinationState server, ServerStatus status)
{
    private int _used;
    private int _maxConn;

    // Not readonly: it is changed in place.
    private TokenBucket _handshakes;

    public DestinationState Server { get; } = server;

    public AdmissionQueue Queue { get; } = new();

    /// <summary>Slots; 0 for no limit (HAProxy's <c>slim</c>).</summary>
    public int MaxConn
    {
        get => Volatile.Read(ref _maxConn);
        set => Volatile.Write(ref _maxConn, value);
    }

    /// <summary>Sessions that may begin in a second; 0 for no limit.</summary>
    public int HandshakeRate { get; set; }

    /// <summary>Requests that hold a slot.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Whether there is a slot. What began before there was a limit holds none, but is counted.</summary>
    public bool IsFree => MaxConn == 0 || Math.Max(_used, status.GetLoad(Server)) < MaxConn;

    public bool HasHandshake(long now, TimeProvider timeProvider) => HandshakeRate == 0 || _handshakes.Has(HandshakeRate, now, timeProvider);

    public void TakeHandshake()
    {
        if (HandshakeRate > 0)
        {
            _handshakes.Take();
        }
    }

    public void Take() => Volatile.Write(ref _used, _used + 1);

    public void GiveBack() => Volatile.Write(ref _used, _used - 1);
}
