namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// The value of a cookie that names a server: <c>s2</c>, with dates <c>s2|last[|first]</c>, in prefix mode <c>s2~the application's own value</c>.
/// </summary>
internal readonly ref struct ServerCookieValue
{
    /// <summary>Between the server's name and the application's own value, in prefix mode.</summary>
    public const char PrefixDelimiter = '~';

    private const char DateDelimiter = '|';

    /// <summary>Dates ahead of our clock by more are of a clock that was wrong, as HAProxy has it.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromDays(1);

    private ServerCookieValue(ReadOnlySpan<char> server, DateTimeOffset? last, DateTimeOffset? first)
    {
        Server = server;
        Last = last;
        First = first;
    }

    /// <summary>What names the server; empty where nothing does.</summary>
    public ReadOnlySpan<char> Server { get; }

    /// <summary>When the cookie was last sent.</summary>
    public DateTimeOffset? Last { get; }

    /// <summary>When it was first sent.</summary>
    public DateTimeOffset? First { get; }

    public static ServerCookieValue Parse(ReadOnlySpan<char> value, ServerCookieOptions options)
    {
        if (options.Mode == CookieMode.Prefix)
        {
            return new ServerCookieValue(value.IndexOf(PrefixDelimiter) is var end and >= 0 ? value[..end] : value, null, null);
        }

        var bar = value.IndexOf(DateDelimiter);
        if (bar < 0)
        {
            return new ServerCookieValue(value, null, null);
        }

        var dates = value[(bar + 1)..];
        var second = dates.IndexOf(DateDelimiter);
        return new ServerCookieValue(value[..bar], CookieDate.Decode(second < 0 ? dates : dates[..second]), second < 0 ? null : CookieDate.Decode(dates[(second + 1)..]));
    }

    /// <summary>Whether it is too old, or from a wrong clock. A cookie without dates never is.</summary>
    public bool IsVoid(ServerCookieOptions options, DateTimeOffset now) => IsVoid(First, options.MaxLife, now) || IsVoid(Last, options.MaxIdle, now);

    /// <summary>Whether a valid cookie has to be sent once more for its dates' sake.</summary>
    public bool NeedsRefresh(ServerCookieOptions options, DateTimeOffset now) =>
        ((options.MaxIdle is not null || Last is not null) && (Last is null || Last < now))
        || (options.MaxLife is null ? First is not null : First is null);

    /// <summary>A value to send.</summary>
    /// <param name="server">What names the server.</param>
    /// <param name="first">When the client first got the cookie; null for now.</param>
    /// <param name="options">Which dates there are.</param>
    /// <param name="now">The present.</param>
    public static string Create(string server, DateTimeOffset? first, ServerCookieOptions options, DateTimeOffset now) => options switch
    {
        { MaxLife: not null } => $"{server}{DateDelimiter}{CookieDate.Encode(now)}{DateDelimiter}{CookieDate.Encode(first ?? now)}",
        { MaxIdle: not null } => $"{server}{DateDelimiter}{CookieDate.Encode(now)}",
        _ => server,
    };

    private static bool IsVoid(DateTimeOffset? date, TimeSpan? limit, DateTimeOffset now) => date is { } then && limit is { } max && (now - then > max || then - now > MaxAhead);
}
