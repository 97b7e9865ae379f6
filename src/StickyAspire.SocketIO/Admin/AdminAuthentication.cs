using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StickyAspire.SocketIO.Admin;

/// <summary>Lets administrators in: by name and password, and afterwards by the session id that they got for it.</summary>
internal sealed class AdminAuthentication(AdminUIOptions options, IAdminSessionStore sessions)
{
    public async Task CheckAsync(ISocketIOSocket socket)
    {
        if (options.AllowAnonymous || (Read(socket, "sessionId") is { } known && await sessions.ExistsAsync(known)))
        {
            return;
        }

        if (Read(socket, "username") is not { } username || Read(socket, "password") is not { } password || !await IsValidAsync(username, password))
        {
            throw new SocketIOException("invalid credentials");
        }

        var created = SocketIdGenerator.Create();
        await sessions.SaveAsync(created);

        // Sent as soon as the socket is connected: before that there is nobody to send it to.
        socket.Data[AdminInstrumentation.NewSessionKey] = created;
    }

    private ValueTask<bool> IsValidAsync(string username, string password) =>
        options.VerifyCredentials is { } verify
            ? verify(username, password)
            : ValueTask.FromResult(AreEqual(username, options.Username) & AreEqual(password, options.Password));

    private static bool AreEqual(string given, string? expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected ?? "")));

    private static string? Read(ISocketIOSocket socket, string name) =>
        socket.Handshake.Auth is { ValueKind: JsonValueKind.Object } auth && auth.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}
