using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

/// <summary>Who this replica is.</summary>
public sealed class ReplicaIdentity
{
    private const int SessionIdBytes = 15;

    /// <summary>Creates the identity.</summary>
    /// <param name="options">The replica's options, already checked.</param>
    public ReplicaIdentity(IOptions<ReplicaOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ServerId = options.Value.ServerId;
    }

    /// <summary>This replica's id.</summary>
    public string ServerId { get; }

    /// <summary>Mints a session id that names this replica: its id, a dot, and 20 random characters that are safe in a URL.</summary>
    public string CreateSessionId()
    {
        Span<byte> bytes = stackalloc byte[SessionIdBytes];
        RandomNumberGenerator.Fill(bytes);
        return ServerIdToken.Create(ServerId, Base64Url.EncodeToString(bytes));
    }
}
