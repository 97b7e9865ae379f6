using System.Text.Json.Serialization;

namespace SocketIO.AotHost;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
internal sealed partial class HostJsonContext : JsonSerializerContext;
