namespace StickyAspire.Yarp.Affinity;

/// <summary>What of a request a session is known by.</summary>
internal enum StickSource
{
    /// <summary>A cookie that the application sets, such as <c>JSESSIONID</c>.</summary>
    AppCookie,

    /// <summary>The same.</summary>
    Cookie = AppCookie,

    /// <summary>A request header.</summary>
    Header,

    /// <summary>A parameter of the query, as it is written there.</summary>
    Query,

    /// <summary>The client's address.</summary>
    Source,
}
