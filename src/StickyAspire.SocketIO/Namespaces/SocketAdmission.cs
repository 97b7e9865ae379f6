using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Diagnostics;
using StickyAspire.SocketIO.Engine;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <summary>One client's way into one namespace: from its CONNECT packet to ours, or to a CONNECT_ERROR.</summary>
internal sealed class SocketAdmission(SocketIOServer server, SocketIOConnection connection, string name, JsonElement auth)
{
    private const string PidName = "pid";
    private const string OffsetName = "offset";

    private int Protocol => connection.Session.Protocol;

    public async Task RunAsync()
    {
        try
        {
            while (!await TryRunAsync())
            {
                // The namespace went with its last client while this one was on its way: asked for again, it comes into being again.
            }
        }
#pragma warning disable CA1031 // A predicate or middleware of the application's: whatever it throws refuses the client.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            connection.Forget(name);
            Refuse(exception);
        }
    }

    private async ValueTask<bool> TryRunAsync()
    {
        var nsp = server.Find(name);
        if (nsp is null && server.HasPatterns)
        {
            nsp = await server.FindByPatternAsync(name, auth);
        }

        if (nsp is null)
        {
            connection.Forget(name);
            SendConnectError(new Dictionary<string, object?> { ["message"] = "Invalid namespace" });
            return true;
        }

        if (await RestoreAsync(nsp) is { Session: { } session, Offset: { } offset } && await TryResumeAsync(nsp, session, offset))
        {
            return true;
        }

        return await AdmitAsync(nsp);
    }

    /// <summary>The session that the client asks for, if it can be had back.</summary>
    private async ValueTask<(RecoverableSession? Session, string? Offset)> RestoreAsync(SocketIONamespace nsp)
    {
        if (!nsp.RecoversSessions || ReadText(PidName) is not { } pid || ReadText(OffsetName) is not { } offset)
        {
            return default;
        }

        try
        {
            if (nsp.FindByPid(pid) is { } live)
            {
                // The client is back before its old connection was seen to be dead.
                live.Connection.Session.OnClosed(EngineCloseReason.TransportClose, EnginePacket.Close);
                await live.Gone;
            }

            return (await nsp.Adapter.RestoreSessionAsync(pid, offset), offset);
        }
#pragma warning disable CA1031 // Recovery is a courtesy: without it the client gets a new session.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.RecoveryFailed(server.Logger, exception, name);
            return default;
        }
    }

    /// <summary>Brings a session back. False if what the client missed cannot be had any more.</summary>
    private async ValueTask<bool> TryResumeAsync(SocketIONamespace nsp, RecoverableSession session, string offset)
    {
        var socket = new SocketIOSocket(nsp, connection, session.Id, new SocketIOHandshake(connection.Session.Handshake, auth), session);
        if (!server.Options.ConnectionStateRecovery!.SkipMiddlewares)
        {
            await RunMiddlewaresAsync(nsp, socket);
        }

        // In its rooms first, and what is sent to it kept back; only then is read what was sent before. So nothing falls in between.
        socket.BeginResume();
        if (!nsp.TryAdd(socket))
        {
            return false;
        }

        nsp.Adapter.Add(socket, [.. session.Rooms]);
        MissedEvents? missed = null;
        try
        {
            missed = await nsp.Adapter.ReadMissedAsync(session, offset);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SocketIOLog.RecoveryFailed(server.Logger, exception, name);
        }

        if (missed is null)
        {
            socket.Abandon(session: null);
            return false;
        }

        if (!connection.TryAdd(socket))
        {
            // Gone again already; perhaps to come back once more.
            socket.Abandon(session);
            return true;
        }

        if (socket.CompleteResume(missed, () => SendConnect(socket)))
        {
            await socket.StartAsync(nsp.ConnectionHandlers);
        }

        return true;
    }

    private async ValueTask<bool> AdmitAsync(SocketIONamespace nsp)
    {
        var id = Protocol == 3 ? (name == "/" ? connection.Session.Id : name + "#" + connection.Session.Id) : SocketIdGenerator.Create();
        var socket = new SocketIOSocket(nsp, connection, id, new SocketIOHandshake(connection.Session.Handshake, auth));
        await RunMiddlewaresAsync(nsp, socket);
        if (!nsp.TryAdd(socket))
        {
            return false;
        }

        if (!connection.TryAdd(socket))
        {
            // The client left while a middleware was at work.
            socket.Abandon(session: null);
            return true;
        }

        SendConnect(socket);
        if (socket.TrySetConnected())
        {
            await socket.StartAsync(nsp.ConnectionHandlers);
        }

        return true;
    }

    private static async ValueTask RunMiddlewaresAsync(SocketIONamespace nsp, SocketIOSocket socket)
    {
        try
        {
            foreach (var middleware in nsp.Middlewares)
            {
                await middleware(socket);
            }
        }
        catch
        {
            socket.Refuse();
            throw;
        }
    }

    private void SendConnect(SocketIOSocket socket)
    {
        byte[] data = [];
        if (Protocol != 3)
        {
            var content = new Dictionary<string, string> { ["sid"] = socket.Id };
            if (socket.Pid is { } pid)
            {
                content[PidName] = pid;
            }

            data = server.Serializer.ToJson(content);
        }

        connection.Send(new SocketIOPacket(SocketIOPacketType.Connect, name, data), compress: true);
    }

    private void Refuse(Exception exception)
    {
        if (exception is SocketIOException refusal)
        {
            SendConnectError(Describe(refusal.Message, refusal.Details));
            return;
        }

        SocketIOLog.MiddlewareFailed(server.Logger, exception, name);
        SendConnectError(Describe(server.Options.EnableDetailedErrors ? exception.Message : "Connection refused", details: null));
    }

    /// <summary>An error as the client's protocol has it: clients of protocol 3 get the details or the message, alone.</summary>
    private object Describe(string message, object? details) => (Protocol, details) switch
    {
        (3, _) => details ?? message,
        (_, null) => new Dictionary<string, object?> { ["message"] = message },
        _ => new Dictionary<string, object?> { ["message"] = message, ["data"] = details },
    };

    private void SendConnectError(object content) =>
        connection.Send(new SocketIOPacket(SocketIOPacketType.ConnectError, name, server.Serializer.ToJson(content)), compress: true);

    private string? ReadText(string property) =>
        auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
