namespace StickyAspire.Replica;

/// <summary>What a replica is told of itself. Section <c>Replica</c>.</summary>
public sealed class ReplicaOptions
{
    /// <summary>The section these options are read from.</summary>
    public const string SectionName = "Replica";

    /// <summary>
    /// The id of this replica, which cookies and session ids carry: 1 to 32 characters out of <c>A-Z a-z 0-9 - _</c>, the same after every
    /// restart, and known to the gateway as the name of this destination. Key <c>Replica:ServerId</c>. Default <c>s1</c>, for a replica run alone.
    /// </summary>
    public string ServerId { get; set; } = "s1";

    /// <summary>The path of the gateways' health checks, whose answers report state and load. Key <c>Replica:CheckPath</c>. Default <c>/alive</c>.</summary>
    public string CheckPath { get; set; } = "/alive";

    /// <summary>The most sessions this replica wants, which it reports to gateways; they prefer it to their own limit. Key <c>Replica:MaxConn</c>, 1 or more. Default null: it reports none.</summary>
    public int? MaxConn { get; set; }

    /// <summary>
    /// Whether gateways may bring many clients' WebSockets on one connection, a trunk (cluster metadata <c>Tunnel.Trunks</c>). Only for a replica that clients do not reach directly: whoever opens a trunk has as many
    /// connections as it wants for one. Key <c>Replica:Trunks</c>. Default false.
    /// </summary>
    public bool Trunks { get; set; }
}
