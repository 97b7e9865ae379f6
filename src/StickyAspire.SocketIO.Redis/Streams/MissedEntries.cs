using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Cluster;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>Gathers what a client has missed, from the stream's entries in their order.</summary>
/// <param name="nsp">The namespace.</param>
/// <param name="rooms">The client's rooms.</param>
/// <param name="point">Where it stopped.</param>
internal sealed class MissedEntries(string nsp, IReadOnlyCollection<string> rooms, ResumePoint point)
{
    private readonly HashSet<string> _rooms = new(rooms, StringComparer.Ordinal);
    private readonly HashSet<(string Uid, long Number)> _seen = [];
    private readonly List<SocketIOPacket> _packets = [];
    private bool _hasPassedEarly = point.Uid is null;

    /// <summary>Whether nothing that the client had early can come any more.</summary>
    public bool IsComplete => _hasPassedEarly;

    public IReadOnlyList<SocketIOPacket> Packets => _packets;

    /// <summary>Whether the client may have had an entry before it stopped, since its sender wrote it again: ask <see cref="EarlierEntries"/>.</summary>
    public bool IsDoubtful(StreamEntry entry) =>
        entry is { IsAgain: true, Number: { } number } && !_seen.Contains((entry.Uid, number)) && (entry.Uid != point.Uid || number > point.Number);

    /// <summary>The client had it.</summary>
    public void Pass(StreamEntry entry) => _seen.Add((entry.Uid, entry.Number!.Value));

    public void Add(StreamEntry entry)
    {
        if (entry.Number is { } number)
        {
            if (!_seen.Add((entry.Uid, number)))
            {
                // Written twice, for fear of a loss.
                return;
            }

            if (entry.Uid == point.Uid)
            {
                _hasPassedEarly |= number >= point.Number;
                if (number <= point.Number)
                {
                    return;
                }
            }
        }

        AddIfConcerned(entry);
    }

    private void AddIfConcerned(StreamEntry entry)
    {
        if (entry.Nsp != nsp || entry.Type != ClusterMessageType.Broadcast || entry.Decode() is not { RequestId: null } message || message.Options.IsVolatile)
        {
            return;
        }

        var options = message.Options;
        if ((options.Rooms.Length == 0 || options.Rooms.Any(_rooms.Contains)) && !options.Except.Any(_rooms.Contains))
        {
            _packets.Add(message.Packet!.WithOffset((_hasPassedEarly ? new ResumePoint(entry.Id) : point with { Place = entry.Id }).ToString()));
        }
    }
}
