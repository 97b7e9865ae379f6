using System.Buffers.Text;
using System.Security.Cryptography;

namespace StickyAspire.SocketIO;

/// <summary>Socket ids: 20 characters, base64url of 15 random bytes. Node's sharded adapter tells a socket's room from a public one by that length.</summary>
internal static class SocketIdGenerator
{
    private const int Bytes = 15;

    public static string Create()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
