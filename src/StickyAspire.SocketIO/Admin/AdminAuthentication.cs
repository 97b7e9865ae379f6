using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StickyAspire.SocketIO.Admin;

/// <summary>Lets administrators in: by name and password, and afterwards by the session id that they got for it.</summary>
internal sealed class AdminAuthentication(AdminUIOptions options)
{
    /// <summary>Older ones are forgotten, and log in again.</summary>
    private const int MaxSessions = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _sessions = new();

    public async Task CheckAsync(ISocketIOSocket socket)
    {
        if (options.AllowAnonymous)
        {
            return;
        }

        if (Read(socket, "sessionId") is { } sessionId && IsKnown(sessionId))
        {
            return;
        }

        if (Read(socket, "username") is not { } username || Read(socket, "password") is not { } password || !await IsValidAsync(username, password))
        {
            throw new SocketIOException("invalid credentials");
        }

        // Sent as soon as the socket is connected: before that there is nobody to send it to.
        socket.Data[AdminInstrumentation.NewSessionKey] = CreateSession();
    }

    private ValueTask<bool> IsValidAsync(string username, string password) =>
        options.VerifyCredentials is { } verify
            ? verify(username, password)
            : ValueTask.FromResult(AreEqual(username, options.Username) & AreEqual(password, options.Password));

    private string CreateSession()
    {
        var session = SocketIdGenerator.Create();
        lock (_gate)
        {
            _sessions.Enqueue(session);
            if (_sessions.Count > MaxSessions)
            {
                _sessions.Dequeue();
            }
        }

        return session;
    }

    private bool IsKnown(string sessionId)
    {
        lock (_gate)
        {
            return _sessions.Any(session => AreEqual(session, sessionId));
        }
    }

    private static bool AreEqual(string given, string? expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected ?? "")));

    private static string? Read(ISocketIOSocket socket, string name) =>
        socket.Handshake.Auth is { ValueKind: JsonValueKind.Object } auth && auth.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}
