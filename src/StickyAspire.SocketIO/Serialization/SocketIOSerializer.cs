using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Serialization;

/// <summary>Arguments to JSON with attachments, and back.</summary>
internal sealed class SocketIOSerializer
{
    [ThreadStatic]
    private static PacketBuffer? t_buffer;

    private readonly JsonSerializerOptions _options;

    public SocketIOSerializer(JsonSerializerOptions options)
    {
        _options = new JsonSerializerOptions(options);
        _options.Converters.Add(new ByteArrayConverter());
        _options.Converters.Add(new ReadOnlyMemoryConverter());
        _options.Converters.Add(new MemoryConverter());
        _options.TypeInfoResolver ??= CreateDefaultResolver();
        _options.TypeInfoResolverChain.Add(SocketIOJsonContext.Default);
        _options.MakeReadOnly();
    }

    public int MaxDepth => _options.MaxDepth == 0 ? 64 : _options.MaxDepth;

    /// <summary>The options that an application starts from: camelCase, and no escaping beyond what JSON asks for.</summary>
    public static JsonSerializerOptions CreateDefaultOptions() => new(JsonSerializerDefaults.Web)
    {
        // The wire is not HTML; Node escapes nothing else either.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Deserializes the value that the reader stands on.</summary>
    public T? Read<T>(ref Utf8JsonReader reader, ReadOnlyMemory<byte>[] attachments)
    {
        var outer = AttachmentScope.Read;
        AttachmentScope.Read = attachments;
        try
        {
            return JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));
        }
        finally
        {
            AttachmentScope.Read = outer;
        }
    }

    /// <summary>Deserializes the value that the reader stands on.</summary>
    public object? Read(Type type, ref Utf8JsonReader reader, ReadOnlyMemory<byte>[] attachments)
    {
        var outer = AttachmentScope.Read;
        AttachmentScope.Read = attachments;
        try
        {
            return JsonSerializer.Deserialize(ref reader, _options.GetTypeInfo(type));
        }
        finally
        {
            AttachmentScope.Read = outer;
        }
    }

    /// <summary>Builds an event or acknowledgement. All of <paramref name="arguments"/> has been read when the call returns.</summary>
    public SocketIOPacket CreatePacket(SocketIOPacketType type, string @namespace, long? id, string? eventName, ReadOnlySpan<object?> arguments)
    {
        // Taken, not shared: a converter of the application's might emit while it is being called.
        var buffer = t_buffer ?? new PacketBuffer();
        t_buffer = null;
        var outer = AttachmentScope.Written;
        AttachmentScope.Written = buffer.Attachments;
        try
        {
            var writer = buffer.Writer;
            writer.WriteStartArray();
            if (eventName is not null)
            {
                writer.WriteStringValue(eventName);
            }

            foreach (var argument in arguments)
            {
                Write(writer, argument);
            }

            writer.WriteEndArray();
            writer.Flush();
            return buffer.ToPacket(type, @namespace, id);
        }
        finally
        {
            AttachmentScope.Written = outer;
            buffer.Reset();
            t_buffer = buffer;
        }
    }

    /// <summary>One value as JSON, without attachments: bytes become base64.</summary>
    public byte[] ToJson(object? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, PacketBuffer.WriterOptions))
        {
            Write(writer, value);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A value from JSON.</summary>
    public T? FromJson<T>(JsonElement element) => element.Deserialize((JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));

    private void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte[] bytes:
                BinaryJson.Write(writer, bytes);
                break;
            case SocketIOPayload payload:
                payload.WriteTo(writer);
                break;
            case PayloadArray array:
                writer.WriteStartArray();
                array.Payload.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                writer.WriteNullValue();
                break;
            case JsonElement element:
                PlaceholderRewriter.Copy(element, writer);
                break;
            default:
                JsonSerializer.Serialize(writer, value, _options.GetTypeInfo(value.GetType()));
                break;
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where reflection is on; without it the application gives a resolver.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where reflection is on; without it the application gives a resolver.")]
    private static IJsonTypeInfoResolver CreateDefaultResolver() =>
        JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : JsonTypeInfoResolver.Combine();
}
