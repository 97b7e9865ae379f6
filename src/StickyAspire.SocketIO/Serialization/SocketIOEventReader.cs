using System.Text.Json;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>
/// Reads the arguments of an event or acknowledgement, one after another. Lives on the stack and reads the transport's own buffer:
/// all that a handler needs must be read before its first <see langword="await"/>.
/// </summary>
public ref struct SocketIOEventReader
{
    private readonly ReadOnlyMemory<byte> _json;
    private readonly ReadOnlyMemory<byte>[] _attachments;
    private readonly SocketIOSerializer _serializer;
    private Utf8JsonReader _reader;
    private int _read;

    internal SocketIOEventReader(
        ISocketIOSocket? socket, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments, SocketIOSerializer serializer, SocketIOAck ack, bool hasName)
    {
        Socket = socket;
        Ack = ack;
        _json = json;
        _attachments = attachments;
        _serializer = serializer;
        _reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = serializer.MaxDepth });
        _reader.Read();
        if (hasName)
        {
            _reader.Read();
            _read = 1;
        }
    }

    /// <summary>The socket that the event came from. Null for events from other servers.</summary>
    public ISocketIOSocket? Socket { get; }

    /// <summary>Answers the event, where the sender asked for an answer.</summary>
    public SocketIOAck Ack { get; }

    /// <summary>Deserializes the next argument.</summary>
    /// <typeparam name="T">
    /// Its type. <see cref="SocketIOAck"/> and <see cref="ISocketIOSocket"/> are given without reading; <see cref="SocketIOPayload"/> takes all that is left.
    /// </typeparam>
    /// <returns>The argument, or the type's default where the sender gave fewer, as JavaScript would.</returns>
    /// <exception cref="JsonException">The argument is not of that type.</exception>
    public T? Read<T>()
    {
        if (typeof(T) == typeof(SocketIOAck))
        {
            return (T)(object)Ack;
        }

        if (typeof(T) == typeof(ISocketIOSocket))
        {
            return (T?)Socket;
        }

        if (typeof(T) == typeof(SocketIOPayload))
        {
            return (T)(object)ReadRest();
        }

        return MoveNext() ? _serializer.Read<T>(ref _reader, _attachments) : default;
    }

    /// <summary>Deserializes the next argument. See <see cref="Read{T}"/>.</summary>
    public object? Read(Type type)
    {
        if (type == typeof(SocketIOAck))
        {
            return Ack;
        }

        if (type == typeof(ISocketIOSocket))
        {
            return Socket;
        }

        if (type == typeof(SocketIOPayload))
        {
            return ReadRest();
        }

        if (MoveNext())
        {
            return _serializer.Read(type, ref _reader, _attachments);
        }

        return null;
    }

    /// <summary>All arguments from here on, copied out of the transport's buffer.</summary>
    public readonly SocketIOPayload ReadRest() => new(_json.ToArray(), _attachments, _serializer, _read);

    /// <summary>The acknowledgement that is being read, copied out of the transport's buffer.</summary>
    internal readonly Protocol.SocketIOPacket ToAck() => new(Protocol.SocketIOPacketType.Ack, "/", _json.ToArray(), _attachments);

    private bool MoveNext()
    {
        if (_reader.TokenType == JsonTokenType.EndArray && _reader.CurrentDepth == 0)
        {
            return false;
        }

        _read++;
        return _reader.Read() && (_reader.TokenType != JsonTokenType.EndArray || _reader.CurrentDepth != 0);
    }
}
