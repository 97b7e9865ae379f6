using System.Buffers;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace StickyAspire.SocketIO.Engine;

/// <summary>WebSocket, one packet a frame. The one who queues a packet on an idle socket sends it; while a send is under way others only queue.</summary>
internal sealed class WebSocketTransport(EngineSession session, WebSocket socket) : EngineTransport(session)
{
    private const int InitialBufferSize = 4096;

    /// <summary>How long the other side may take to answer a close frame.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private int _sending;
    private bool _discarded;
    private ITimer? _abort;

    public override string Name => "websocket";

    public override bool IsWritable => Volatile.Read(ref _sending) == 0;

    public override void Flush()
    {
        if (Interlocked.CompareExchange(ref _sending, 1, 0) == 0)
        {
            _ = SendQueuedAsync();
        }
    }

    public override void Discard(EnginePacket lastWord)
    {
        _discarded = true;
        _ = CloseAsync(WebSocketCloseStatus.NormalClosure);
    }

    /// <summary>Closes a connection that the session has no use for.</summary>
    public Task CloseAsync() => CloseAsync(WebSocketCloseStatus.NormalClosure);

    /// <summary>Sends a packet past the session's queue; for what belongs to this connection alone, before the session uses it.</summary>
    public async Task SendDirectAsync(EnginePacket packet) =>
        await socket.SendAsync(packet.Frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Reads until the connection ends.</summary>
    public async Task RunAsync()
    {
        var reason = EngineCloseReason.TransportClose;
        try
        {
            await ReceiveAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A peer that goes without a close frame is Node's "transport close" as well (status 1006); a protocol error is not.
            if (exception is WebSocketException { WebSocketErrorCode: not WebSocketError.ConnectionClosedPrematurely })
            {
                reason = EngineCloseReason.TransportError;
            }

            EngineLog.ConnectionBroke(Session.Server.Logger, exception, Session.Id);
        }
#pragma warning disable CA1031 // A fault of ours must not leave a session behind that nobody reads.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            EngineLog.HandlerFailed(Session.Server.Logger, exception, Session.Id);
            reason = EngineCloseReason.TransportError;
        }

        Session.OnTransportClosed(this, reason);
        await CloseAsync(WebSocketCloseStatus.NormalClosure);
        Interlocked.Exchange(ref _abort, null)?.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var limit = Session.Server.Options.MaxHttpBufferSize;
        while (!_discarded)
        {
            // A read of nothing, so that an idle connection holds no buffer. No token: a connection that breaks ends the read anyway,
            // and each read would register with it, on two layers, for as long as it waits.
            var result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(InitialBufferSize);
            try
            {
                var length = 0;
                while (!result.EndOfMessage)
                {
                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer, limit);
                    }

                    result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    if (result.MessageType == WebSocketMessageType.Close)
                    {
                        return;
                    }

                    length += result.Count;
                    if (length > limit)
                    {
                        await CloseAsync(WebSocketCloseStatus.MessageTooBig);
                        Session.OnTransportClosed(this, EngineCloseReason.TransportError);
                        return;
                    }
                }

                var message = buffer.AsMemory(0, length);
                if (!await DispatchAsync(message, result.MessageType == WebSocketMessageType.Binary))
                {
                    return;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static byte[] Grow(byte[] buffer, int limit)
    {
        // One byte more than the limit, so that a message past it is seen.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(buffer.Length * 2L, limit + 1L));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private ValueTask<bool> DispatchAsync(ReadOnlyMemory<byte> message, bool isBinary)
    {
        EnginePacketType type;
        ReadOnlyMemory<byte> data;
        if (isBinary)
        {
            type = EnginePacketType.Message;

            // Protocol 3 puts the packet type in front of the bytes.
            data = (Session.Protocol == 3 && !message.IsEmpty ? message[1..] : message).ToArray();
        }
        else if (!message.IsEmpty && InboundPacket.TryGetType(message.Span[0], out type))
        {
            data = message[1..];
        }
        else
        {
            if (Session.Transport == this)
            {
                Session.OnParseError();
            }

            return ValueTask.FromResult(false);
        }

        return Session.Transport == this ? DispatchCurrentAsync(type, data, isBinary) : DispatchProbeAsync(type, data);
    }

    private ValueTask<bool> DispatchCurrentAsync(EnginePacketType type, ReadOnlyMemory<byte> data, bool isBinary)
    {
        var task = Session.OnPacketAsync(type, data, isBinary);
        return task.IsCompletedSuccessfully ? ValueTask.FromResult(true) : WaitAsync(task);

        static async ValueTask<bool> WaitAsync(ValueTask task)
        {
            await task;
            return true;
        }
    }

    private async ValueTask<bool> DispatchProbeAsync(EnginePacketType type, ReadOnlyMemory<byte> data)
    {
        var upgrade = Session.Upgrade;
        if (upgrade?.Transport != this)
        {
            return false;
        }

        if (type == EnginePacketType.Ping && data.Span.SequenceEqual("probe"u8))
        {
            await SendDirectAsync(EnginePacket.ProbePong);
            upgrade.OnProbe();
            return true;
        }

        if (type == EnginePacketType.Upgrade && Session.CompleteUpgrade(this))
        {
            return true;
        }

        Session.FailUpgrade(upgrade);
        return false;
    }

    private async Task SendQueuedAsync()
    {
        try
        {
            do
            {
                while (Session.TryDequeue(this, out var packet))
                {
                    if (packet.IsClose)
                    {
                        await CloseAsync(WebSocketCloseStatus.NormalClosure);
                        Session.OnTransportClosed(this, EngineCloseReason.ForcedClose);
                        return;
                    }

                    await SendAsync(packet);
                }

                Volatile.Write(ref _sending, 0);
            }
            while (Session.HasOutbound(this) && Interlocked.CompareExchange(ref _sending, 1, 0) == 0);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            EngineLog.ConnectionBroke(Session.Server.Logger, exception, Session.Id);
            Session.OnTransportClosed(this, EngineCloseReason.TransportError);
        }
    }

    private ValueTask SendAsync(EnginePacket packet)
    {
        var options = Session.Server.Options;
        var flags = WebSocketMessageFlags.EndOfMessage;
        if (!packet.Compress || packet.Frame.Length < options.PerMessageDeflateThreshold)
        {
            flags |= WebSocketMessageFlags.DisableCompression;
        }

        return packet.IsBinary && Session.Protocol == 3
            ? SendBinaryV3Async(packet, flags)
            : socket.SendAsync(packet.Frame, packet.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, flags, CancellationToken.None);
    }

    private async ValueTask SendBinaryV3Async(EnginePacket packet, WebSocketMessageFlags flags)
    {
        var frame = new byte[packet.Frame.Length + 1];
        frame[0] = EnginePacketType.Message - EnginePacketType.Open;
        packet.Frame.Span.CopyTo(frame.AsSpan(1));
        await socket.SendAsync(frame, WebSocketMessageType.Binary, flags, CancellationToken.None);
    }

    /// <summary>A client that never answers our close frame must not keep its connection.</summary>
    private void AbortLater()
    {
        var timer = Session.Server.TimeProvider.CreateTimer(static socket => ((WebSocket)socket!).Abort(), socket, CloseTimeout, Timeout.InfiniteTimeSpan);
        if (Interlocked.Exchange(ref _abort, timer) is { } other)
        {
            other.Dispose();
        }
    }

    private async Task CloseAsync(WebSocketCloseStatus status)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var timeout = new CancellationTokenSource(CloseTimeout, Session.Server.TimeProvider);
                await socket.CloseOutputAsync(status, null, timeout.Token);
                AbortLater();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            socket.Abort();
        }
    }
}
