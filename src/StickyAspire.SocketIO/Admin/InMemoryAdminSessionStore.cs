using System.Security.Cryptography;
using System.Text;

namespace StickyAspire.SocketIO.Admin;

/// <summary>The sessions of one server. Past the limit the oldest is forgotten, and its administrator logs in again.</summary>
internal sealed class InMemoryAdminSessionStore : IAdminSessionStore
{
    private const int MaxSessions = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _sessions = new();

    public ValueTask<bool> ExistsAsync(string sessionId)
    {
        var given = Encoding.UTF8.GetBytes(sessionId);
        lock (_gate)
        {
            return ValueTask.FromResult(_sessions.Any(session => CryptographicOperations.FixedTimeEquals(session, given)));
        }
    }

    public ValueTask SaveAsync(string sessionId)
    {
        lock (_gate)
        {
            _sessions.Enqueue(Encoding.UTF8.GetBytes(sessionId));
            if (_sessions.Count > MaxSessions)
            {
                _sessions.Dequeue();
            }
        }

        return ValueTask.CompletedTask;
    }
}
