using System.Text.Json;
using System.Text.Json.Serialization;

namespace StickyAspire.SocketIO.Serialization;

/// <summary><see cref="ReadOnlyMemory{T}"/> of bytes as attachments.</summary>
internal sealed class ReadOnlyMemoryConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => BinaryJson.Read(ref reader);

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) => BinaryJson.Write(writer, value);
}
