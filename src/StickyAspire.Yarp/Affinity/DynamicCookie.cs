using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Net;
using System.Text;

namespace StickyAspire.Yarp.Affinity;

/// <summary>
/// HAProxy's <c>dynamic</c> cookie: 16 hexadecimal digits out of a secret key and the server's address and port, so that servers need no configured ids and clients learn nothing of them.
/// The same key gives the same values as HAProxy's <c>dynamic-cookie-key</c>.
/// </summary>
internal static class DynamicCookie
{
    /// <param name="key">The secret.</param>
    /// <param name="address">The server's address. HAProxy only knows IP addresses; of a host name its letters are hashed.</param>
    public static string Create(string key, Uri address)
    {
        var host = IPAddress.TryParse(address.IdnHost, out var ip) ? ip.GetAddressBytes() : Encoding.ASCII.GetBytes(address.IdnHost);
        Span<byte> port = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(port, address.Port);
        var hash = XxHash64.HashToUInt64([.. Encoding.UTF8.GetBytes(key), .. host, .. port]);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
