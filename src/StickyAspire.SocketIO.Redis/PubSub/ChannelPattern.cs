using System.Text;

namespace StickyAspire.SocketIO.Redis.PubSub;

/// <summary>
/// The pattern by which a server hears all of a namespace's broadcasts and requests. One for both, because a subscription is a queue: by two of them a client could be disconnected before it had what was
/// sent to it first.
/// </summary>
internal static class ChannelPattern
{
    private const string Special = @"*?[]^-\";

    /// <summary>
    /// What <c>PSUBSCRIBE</c> is given for the channels <c>prefix#nsp#…</c> and <c>prefix-request#nsp#</c>: with the prefix <c>socket.io</c>, <c>socket.i*[to]#/#*</c>. The last character before the <c>#</c> leaves
    /// <c>prefix-response#nsp#…</c> out, which are for the server that asked. What else it lets through, with a stranger's prefix, is to be told by the channel's name.
    /// </summary>
    public static byte[] Create(string prefix, string nsp)
    {
        // Redis compares bytes, and so the last one of a longer character will do.
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(prefix);
        return [.. Escape(bytes[..^1]), .. "*[t"u8, .. Escape(bytes[^1..]), .. "]#"u8, .. Escape(Encoding.UTF8.GetBytes(nsp)), .. "#*"u8];
    }

    private static List<byte> Escape(ReadOnlySpan<byte> text)
    {
        var escaped = new List<byte>(text.Length);
        foreach (var each in text)
        {
            if (Special.Contains((char)each, StringComparison.Ordinal))
            {
                escaped.Add((byte)'\\');
            }

            escaped.Add(each);
        }

        return escaped;
    }
}
