namespace StickyAspire.Replica;

/// <summary>What a replica's owner wants of it.</summary>
public enum ReplicaState
{
    /// <summary>Takes part.</summary>
    Ready,

    /// <summary>Keeps its sessions and gets no new ones.</summary>
    Drain,

    /// <summary>Gets nothing; gateways send its sessions elsewhere.</summary>
    Maint,
}
