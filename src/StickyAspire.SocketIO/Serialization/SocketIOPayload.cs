using System.Text.Json;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>
/// The arguments of an event or an acknowledgement, undecoded. Given to an emit, it stands for all its arguments, bytes included:
/// what came in goes out again unchanged.
/// </summary>
public sealed class SocketIOPayload
{
    private readonly ReadOnlyMemory<byte> _json;
    private readonly ReadOnlyMemory<byte>[] _attachments;
    private readonly SocketIOSerializer _serializer;
    private readonly int _skip;
    private int _count = -1;

    internal SocketIOPayload(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments, SocketIOSerializer serializer, int skip)
    {
        _json = json;
        _attachments = attachments;
        _serializer = serializer;
        _skip = skip;
    }

    /// <summary>How many arguments there are.</summary>
    public int Count
    {
        get
        {
            if (_count < 0)
            {
                var reader = StartReading();
                var count = 0;
                while (reader.TokenType != JsonTokenType.EndArray)
                {
                    count++;
                    reader.Skip();
                    reader.Read();
                }

                _count = count;
            }

            return _count;
        }
    }

    /// <summary>Deserializes one argument.</summary>
    /// <typeparam name="T">Its type. <see cref="byte"/> arrays and memories of bytes take binary attachments.</typeparam>
    /// <param name="index">From 0 to <see cref="Count"/> - 1; the event's name does not count.</param>
    /// <exception cref="JsonException">The argument is not of that type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such argument.</exception>
    public T? Get<T>(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var reader = StartReading();
        for (var i = 0; i < index; i++)
        {
            reader.Skip();
            reader.Read();
        }

        return _serializer.Read<T>(ref reader, _attachments);
    }

    /// <summary>Writes the arguments into the packet that is being written.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        var reader = StartReading();
        while (reader.TokenType != JsonTokenType.EndArray)
        {
            PlaceholderRewriter.Copy(ref reader, writer, _attachments);
            reader.Read();
        }
    }

    /// <summary>A reader at the first argument, or at the end of the array.</summary>
    private Utf8JsonReader StartReading()
    {
        var reader = new Utf8JsonReader(_json.Span, new JsonReaderOptions { MaxDepth = _serializer.MaxDepth });
        reader.Read();
        reader.Read();
        for (var i = 0; i < _skip; i++)
        {
            reader.Skip();
            reader.Read();
        }

        return reader;
    }
}
