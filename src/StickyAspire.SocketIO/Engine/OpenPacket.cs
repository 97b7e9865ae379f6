using System.Buffers;
using System.Text.Json;

namespace StickyAspire.SocketIO.Engine;

/// <summary>The handshake: <c>0{"sid":…,"upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}</c>.</summary>
internal static class OpenPacket
{
    public static EnginePacket Create(EngineSession session)
    {
        var options = session.Server.Options;
        var buffer = new ArrayBufferWriter<byte>(128);
        buffer.Write("0"u8);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("sid", session.Id);
            json.WriteStartArray("upgrades");
            if (session.Transport is PollingTransport && options.AllowUpgrades && options.Transports.HasFlag(EngineTransports.WebSocket))
            {
                json.WriteStringValue("websocket");
            }

            json.WriteEndArray();
            json.WriteNumber("pingInterval", (long)options.PingInterval.TotalMilliseconds);
            json.WriteNumber("pingTimeout", (long)options.PingTimeout.TotalMilliseconds);
            json.WriteNumber("maxPayload", options.MaxHttpBufferSize);
            json.WriteEndObject();
        }

        return new EnginePacket(buffer.WrittenMemory);
    }
}
