using System.Buffers;
using System.Text.Unicode;

namespace StickyAspire.SocketIO.Engine;

/// <summary>Hands the packets of a payload to their session, in their order.</summary>
internal static class PayloadDispatcher
{
    public static async ValueTask DispatchAsync(EngineSession session, ReadOnlySequence<byte> body, bool isBinary)
    {
        if (body.IsSingleSegment)
        {
            await DispatchAsync(session, body.First, isBinary);
            return;
        }

        var length = checked((int)body.Length);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(copy);
        try
        {
            await DispatchAsync(session, copy.AsMemory(0, length), isBinary);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static async ValueTask DispatchAsync(EngineSession session, ReadOnlyMemory<byte> payload, bool isBinary)
    {
        if (payload.IsEmpty || (!isBinary && !Utf8.IsValid(payload.Span)))
        {
            // Text that is no UTF-8 ends a WebSocket as well (RFC 6455 section 8.1).
            session.OnParseError();
            return;
        }

        while (!payload.IsEmpty)
        {
            if (DispatchAll(session, ref payload, isBinary) is { } waiting)
            {
                await waiting;
            }
        }
    }

    /// <summary>Handles all that came at once before anything it gave rise to is sent: in one answer for each client.</summary>
    /// <returns>What is to be awaited before the next packet is handled, or null.</returns>
    private static Task? DispatchAll(EngineSession session, ref ReadOnlyMemory<byte> payload, bool isBinary)
    {
        OutboundBatch.Begin();
        try
        {
            while (!payload.IsEmpty)
            {
                var read = session.Protocol == 3
                    ? PayloadV3.TryRead(ref payload, isBinary, out var packet)
                    : PayloadV4.TryRead(ref payload, out packet);
                if (!read)
                {
                    payload = default;
                    session.OnParseError();
                    return null;
                }

                var handled = session.OnPacketAsync(packet.Type, packet.Data, packet.IsBinary);
                if (!handled.IsCompletedSuccessfully)
                {
                    return handled.AsTask();
                }
            }

            return null;
        }
        finally
        {
            OutboundBatch.EndDispatch();
        }
    }
}
