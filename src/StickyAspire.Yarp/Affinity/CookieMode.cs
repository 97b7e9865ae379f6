namespace StickyAspire.Yarp.Affinity;

/// <summary>Whose cookie names the server, as HAProxy's <c>cookie</c> has it.</summary>
internal enum CookieMode
{
    /// <summary>The gateway's own, inserted where the client has none that is valid.</summary>
    Insert,

    /// <summary>One that the application sets; the gateway puts the server's id in place of its value.</summary>
    Rewrite,

    /// <summary>The application's own; the gateway puts <c>s2~</c> in front of its value, and takes it off again before the application sees it.</summary>
    Prefix,
}
