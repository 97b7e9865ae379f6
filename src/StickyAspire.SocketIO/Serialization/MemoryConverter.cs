using System.Text.Json;
using System.Text.Json.Serialization;

namespace StickyAspire.SocketIO.Serialization;

/// <summary><see cref="Memory{T}"/> of bytes as attachments.</summary>
internal sealed class MemoryConverter : JsonConverter<Memory<byte>>
{
    public override Memory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => BinaryJson.Read(ref reader).ToArray();

    public override void Write(Utf8JsonWriter writer, Memory<byte> value, JsonSerializerOptions options) => BinaryJson.Write(writer, value);
}
