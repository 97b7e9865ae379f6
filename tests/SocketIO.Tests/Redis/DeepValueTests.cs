using System.Text;
using System.Text.Json;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Wire;
using StickyAspire.SocketIO.Redis.Streams;

namespace SocketIO.Tests.Redis;

/// <summary>What nests as deeply as an application may allow gets through to the other servers, and comes back with the session.</summary>
public sealed class DeepValueTests
{
    private const int Depth = 200;

    private static readonly string Deep = new string('[', Depth) + new string(']', Depth);

    [Fact]
    public void Broadcast_ComesBack()
    {
        var packet = new SocketIOPacket(SocketIOPacketType.Event, "/", Encoding.UTF8.GetBytes($"[\"deep\",{Deep}]"));

        var (decoded, _) = ClassicMessage.Decode(ClassicMessage.Encode("abc", packet, new BroadcastOptions()), "xyz", "/")!.Value;

        Assert.Equal(packet.Data.ToArray(), decoded.Data.ToArray());
    }

    [Fact]
    public void SessionsData_ComesBack()
    {
        var data = JsonElement.Parse($"{{\"deep\":{Deep}}}", new JsonDocumentOptions { MaxDepth = Depth + 1 });

        var session = SessionRecord.Decode(SessionRecord.Encode(new RecoverableSession("sid", "pid", ["room"], new Dictionary<string, object?>()), data, "owner"));

        Assert.Equal(Deep, ((JsonElement)session!.Data["deep"]!).GetRawText());
    }
}
