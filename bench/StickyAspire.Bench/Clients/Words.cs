using System.Globalization;
using System.Text;

namespace StickyAspire.Bench.Clients;

/// <summary>The messages of a protocol that the scenarios are made of; the servers' side is RealtimeService/Bench and incumbent/server.mjs.</summary>
internal sealed class Words
{
    private const int TextLength = 64;
    private const int StampLength = 16;

    private static readonly string Text = new('x', TextLength);

    private readonly string _broadcast;
    private readonly byte[] _delivery;
    private readonly byte[] _answer;

    private Words(string echo, string join, string broadcast, string delivery, string answer)
    {
        Echo = Encoding.UTF8.GetBytes(echo);
        Join = Encoding.UTF8.GetBytes(join);
        _broadcast = broadcast;
        _delivery = Encoding.UTF8.GetBytes(delivery);
        _answer = Encoding.UTF8.GetBytes(answer);
    }

    public static Words SocketIO { get; } = new(
        $"420[\"echo\",\"{Text}\"]",
        "421[\"join\",\"bench\"]",
        $"422[\"broadcast\",\"bench\",{{\"t\":\"$\",\"text\":\"{Text}\"}}]",
        "42[\"message\"",
        "43");

    public static Words SignalR { get; } = new(
        $"{{\"type\":1,\"invocationId\":\"0\",\"target\":\"Echo\",\"arguments\":[\"{Text}\"]}}",
        "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Join\",\"arguments\":[\"bench\"]}",
        $"{{\"type\":1,\"invocationId\":\"2\",\"target\":\"Broadcast\",\"arguments\":[\"bench\",{{\"t\":\"$\",\"text\":\"{Text}\"}}]}}",
        "{\"type\":1,\"target\":\"message\"",
        "{\"type\":3");

    /// <summary>Asks for its argument back.</summary>
    public byte[] Echo { get; }

    /// <summary>Joins the room, and is answered.</summary>
    public byte[] Join { get; }

    public static Words Of(ClientKind kind) => kind == ClientKind.SignalR ? SignalR : SocketIO;

    /// <summary>Sends a message with a time in it to the room.</summary>
    public byte[] Broadcast(long time) =>
        Encoding.UTF8.GetBytes(_broadcast.Replace("$", time.ToString("d16", CultureInfo.InvariantCulture), StringComparison.Ordinal));

    public bool IsAnswer(ReadOnlySpan<byte> message) => message.StartsWith(_answer);

    /// <summary>Whether it is a message of the room's, and the time in it.</summary>
    public bool IsDelivery(ReadOnlySpan<byte> message, out long time)
    {
        time = 0;
        if (!message.StartsWith(_delivery))
        {
            return false;
        }

        var start = message.IndexOf("\"t\":\""u8) + 5;
        return long.TryParse(message.Slice(start, StampLength), CultureInfo.InvariantCulture, out time);
    }
}
