using System.Buffers;
using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Wire;

/// <summary>Requests and responses as <c>@socket.io/redis-adapter</c> puts them on Redis: JSON, but for broadcasts that want answers and these answers, which are MessagePack.</summary>
internal static class ClassicRequest
{
    private const int FetchSocketIds = 0;
    private const int FetchRooms = 1;
    private const int Join = 2;
    private const int Leave = 3;
    private const int Disconnect = 4;
    private const int FetchSockets = 5;
    private const int ServerSideEmit = 6;
    private const int Broadcast = 7;
    private const int ClientCount = 8;
    private const int ClientAck = 9;

    public static byte[] EncodeRequest(ClusterMessage message, string nsp)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("uid", message.Uid);
            if (message.RequestId is { } id)
            {
                writer.WriteString("requestId", id);
            }

            writer.WriteNumber("type", message.Type switch
            {
                ClusterMessageType.FetchRooms => FetchRooms,
                ClusterMessageType.Join => Join,
                ClusterMessageType.Leave => Leave,
                ClusterMessageType.Disconnect => Disconnect,
                ClusterMessageType.FetchSockets => FetchSockets,
                ClusterMessageType.ServerSideEmit => ServerSideEmit,
                _ => Broadcast,
            });
            if (message.Type is not (ClusterMessageType.ServerSideEmit or ClusterMessageType.FetchRooms))
            {
                writer.WritePropertyName("opts");
                BroadcastOptionsJson.Write(writer, message.Options);
            }

            WriteContent(writer, message, nsp);
            writer.WriteEndObject();
        }

        return message.Type == ClusterMessageType.Broadcast ? WireMessagePack.FromJson(buffer.WrittenSpan, message.Packet!.Attachments) : buffer.WrittenSpan.ToArray();
    }

    public static byte[] EncodeResponse(ClusterMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("requestId", message.RequestId);
            switch (message.Type)
            {
                case ClusterMessageType.FetchSocketsResponse:
                    RemoteSocketsJson.Write(writer, "sockets", message.Sockets);
                    break;
                case ClusterMessageType.FetchSocketIdsResponse:
                    WireJson.WriteNames(writer, "sockets", message.Names);
                    break;
                case ClusterMessageType.FetchRoomsResponse:
                    WireJson.WriteNames(writer, "rooms", message.Names);
                    break;
                case ClusterMessageType.ServerSideEmitResponse:
                    writer.WriteNumber("type", ServerSideEmit);
                    WireJson.WriteFirst(writer, "data", message.Packet!, hasAttachments: false);
                    break;
                case ClusterMessageType.ClientCount:
                    writer.WriteNumber("type", ClientCount);
                    writer.WriteNumber("clientCount", message.ClientCount);
                    break;
                case ClusterMessageType.ClientAck:
                    writer.WriteNumber("type", ClientAck);
                    WireJson.WriteFirst(writer, "packet", message.Packet!);
                    break;
            }

            writer.WriteEndObject();
        }

        return message.Type == ClusterMessageType.ClientAck ? WireMessagePack.FromJson(buffer.WrittenSpan, message.Packet!.Attachments) : buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a request; null where it is the reader's own, or none that there is. Throws what JSON and MessagePack throw at anything else.</summary>
    public static ClusterMessage? DecodeRequest(ReadOnlyMemory<byte> message, string nsp, string ownUid)
    {
        var json = WireMessagePack.ToJson(message, out var attachments);
        var fields = Fields.Read(json);
        if (fields.Uid == ownUid)
        {
            return null;
        }

        var request = new ClusterMessage(ClusterMessageType.None)
        {
            Uid = fields.Uid ?? "",
            RequestId = fields.RequestId,
            Options = fields.Options ?? new BroadcastOptions { Rooms = fields.Sid is { } sid ? [sid] : [] },
            WantsDone = fields.Options is null && fields.Sid is not null && fields.RequestId is not null,
        };
        return fields.Type switch
        {
            FetchSocketIds when request.RequestId is not null =>
                request with { Type = ClusterMessageType.FetchSocketIds, Options = new BroadcastOptions { Rooms = fields.Rooms } },
            FetchRooms when request.RequestId is not null => request with { Type = ClusterMessageType.FetchRooms },
            Join => request with { Type = ClusterMessageType.Join, Names = fields.Room is { } room ? [room] : fields.Rooms },
            Leave => request with { Type = ClusterMessageType.Leave, Names = fields.Room is { } room ? [room] : fields.Rooms },
            Disconnect => request with { Type = ClusterMessageType.Disconnect, Close = fields.Close },
            FetchSockets when request.RequestId is not null => request with { Type = ClusterMessageType.FetchSockets },
            ServerSideEmit when !fields.Data.IsEmpty =>
                request with { Type = ClusterMessageType.ServerSideEmit, Packet = new SocketIOPacket(SocketIOPacketType.Event, nsp, fields.Data, attachments) },
            Broadcast when request.RequestId is not null && fields.ReadEvent() is { IsEmpty: false } data =>
                request with { Type = ClusterMessageType.Broadcast, Packet = new SocketIOPacket(SocketIOPacketType.Event, nsp, data, attachments) },
            _ => null,
        };
    }

    /// <summary>Reads a response; null where it says nothing that there is to say.</summary>
    public static ClusterMessage? DecodeResponse(ReadOnlyMemory<byte> message, string nsp)
    {
        var json = WireMessagePack.ToJson(message, out var attachments);
        var fields = Fields.Read(json);
        if (fields.RequestId is not { } id)
        {
            return null;
        }

        var response = new ClusterMessage(ClusterMessageType.None) { RequestId = id };
        return fields.Type switch
        {
            ServerSideEmit => response with
            {
                Type = ClusterMessageType.ServerSideEmitResponse,
                Packet = EnvelopeMessage.CreateAck(fields.Data, nsp, attachments),
            },
            ClientCount => response with { Type = ClusterMessageType.ClientCount, ClientCount = fields.ClientCount },
            ClientAck => response with { Type = ClusterMessageType.ClientAck, Packet = EnvelopeMessage.CreateAck(fields.Packet, nsp, attachments) },
            _ when !fields.Sockets.IsEmpty => response with { Type = ClusterMessageType.FetchSocketsResponse, Sockets = fields.ReadSockets() },
            _ => response with { Type = ClusterMessageType.FetchRoomsResponse, Names = fields.Rooms },
        };
    }

    private static void WriteContent(Utf8JsonWriter writer, ClusterMessage message, string nsp)
    {
        switch (message.Type)
        {
            case ClusterMessageType.Join or ClusterMessageType.Leave:
                WireJson.WriteNames(writer, "rooms", message.Names);
                break;
            case ClusterMessageType.Disconnect:
                writer.WriteBoolean("close", message.Close);
                break;
            case ClusterMessageType.ServerSideEmit:
                writer.WritePropertyName("data");
                BufferJson.Write(writer, message.Packet!.Data, message.Packet.Attachments);
                break;
            case ClusterMessageType.Broadcast:
                writer.WriteStartObject("packet");
                writer.WriteNumber("type", (int)SocketIOPacketType.Event);
                writer.WritePropertyName("data");
                writer.WriteRawValue(message.Packet!.Data.Span, skipInputValidation: true);
                writer.WriteString("nsp", nsp);
                writer.WriteEndObject();
                break;
        }
    }

    /// <summary>A request's or response's fields, as they are found.</summary>
    private ref struct Fields
    {
        public string? Uid;
        public string? RequestId;
        public string? Sid;
        public string? Room;
        public BroadcastOptions? Options;
        public string[] Rooms;
        public ReadOnlyMemory<byte> Data;
        public ReadOnlyMemory<byte> Packet;
        public ReadOnlyMemory<byte> Sockets;
        public int Type;
        public int ClientCount;
        public bool Close;

        public static Fields Read(ReadOnlyMemory<byte> json)
        {
            var fields = new Fields { Type = -1, Rooms = [] };
            var reader = WireJson.CreateReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var property = reader.GetString();
                reader.Read();
                fields.Set(property, ref reader, json);
            }

            return fields;
        }

        public readonly ReadOnlyMemory<byte> ReadEvent()
        {
            if (Packet.IsEmpty)
            {
                return default;
            }

            var reader = WireJson.CreateReader(Packet);
            reader.Read();
            return EnvelopeMessage.ReadEventData(ref reader, Packet);
        }

        public readonly IReadOnlyList<RemoteSocketInfo> ReadSockets()
        {
            var reader = WireJson.CreateReader(Sockets);
            reader.Read();
            return RemoteSocketsJson.Read(ref reader);
        }

        private void Set(string? property, ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
        {
            switch (property)
            {
                case "uid" when reader.TokenType == JsonTokenType.String:
                    Uid = reader.GetString();
                    break;
                case "requestId" or "requestid" when reader.TokenType == JsonTokenType.String:
                    RequestId = reader.GetString();
                    break;
                case "sid" when reader.TokenType == JsonTokenType.String:
                    Sid = reader.GetString();
                    break;
                case "room" when reader.TokenType == JsonTokenType.String:
                    Room = reader.GetString();
                    break;
                case "type" when reader.TokenType == JsonTokenType.Number:
                    Type = reader.GetInt32();
                    break;
                case "clientCount" when reader.TokenType == JsonTokenType.Number:
                    ClientCount = reader.GetInt32();
                    break;
                case "close":
                    Close = reader.TokenType == JsonTokenType.True;
                    break;
                case "opts" when reader.TokenType == JsonTokenType.StartObject:
                    Options = BroadcastOptionsJson.Read(ref reader);
                    break;
                case "rooms":
                    Rooms = WireJson.ReadNames(ref reader);
                    break;
                case "data":
                    Data = WireJson.ReadRaw(ref reader, json);
                    break;
                case "packet":
                    Packet = WireJson.ReadRaw(ref reader, json);
                    break;
                case "sockets":
                    Sockets = WireJson.ReadRaw(ref reader, json);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
