using System.Diagnostics.CodeAnalysis;

namespace StickyAspire;

/// <summary>
/// The form of every session token that names its server: <c>{server id}.{rest}</c>, for example <c>s2.Xk3…</c>.
/// One source file, linked into the gateway's package and the replica's, so that both always agree on it.
/// </summary>
internal static class ServerIdToken
{
    /// <summary>The character between the server id and what the transport itself minted. No server id may contain it.</summary>
    public const char Separator = '.';

    /// <summary>The longest server id, in characters.</summary>
    public const int MaxServerIdLength = 32;

    /// <summary>Whether <paramref name="serverId"/> is 1 to 32 characters out of <c>A-Z a-z 0-9 - _</c>, and so safe in a cookie, a URL and a token.</summary>
    public static bool IsValidServerId([NotNullWhen(true)] string? serverId) =>
        serverId is { Length: > 0 and <= MaxServerIdLength } && !serverId.AsSpan().ContainsAnyExcept(ServerIdCharacters);

    /// <summary>Puts the server id in front of <paramref name="rest"/>.</summary>
    public static string Create(string serverId, string rest) => string.Concat(serverId, ".", rest);

    /// <summary>Takes the server id off the front of <paramref name="token"/>. False, and empty results, where there is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> token, out ReadOnlySpan<char> serverId, out ReadOnlySpan<char> rest)
    {
        var end = token.IndexOf(Separator);
        if (end is <= 0 or > MaxServerIdLength || token[..end].ContainsAnyExcept(ServerIdCharacters))
        {
            serverId = rest = default;
            return false;
        }

        serverId = token[..end];
        rest = token[(end + 1)..];
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> ServerIdCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
