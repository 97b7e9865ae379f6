namespace StickyAspire;

/// <summary>What a server's owner wants of it, as the server itself reports it (HAProxy's <c>ready</c>, <c>drain</c>, <c>maint</c>).</summary>
internal enum AdministrativeState
{
    /// <summary>Takes part.</summary>
    Ready,

    /// <summary>Keeps its sessions, gets no new ones.</summary>
    Drain,

    /// <summary>Gets nothing at all.</summary>
    Maint,
}
