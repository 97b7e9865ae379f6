using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

/// <summary>Compares keys in a time that tells nothing of either, their lengths included.</summary>
internal sealed class AdminKey(IOptions<StickyAdminOptions> options)
{
    public const string HeaderName = "X-Sticky-Key";

    private readonly byte[]? _hash = options.Value.AdminKey is { Length: > 0 } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;

    /// <summary>Whether there is any key to be right.</summary>
    public bool IsConfigured => _hash is not null;

    public bool Matches(string? given) => _hash is not null && given is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _hash);
}
