using StackExchange.Redis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Redis.Cluster;
using StickyAspire.SocketIO.Redis.Wire;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Redis streams, in the format of Node's <c>@socket.io/redis-streams-adapter</c> 0.3: broadcasts, joins, leaves and disconnects are entries of a stream, requests and answers go by publish and subscribe.
/// Sessions are in Redis while they live, so any server can recover them, however their own has ended.
/// </summary>
internal sealed class RedisStreamsAdapter : ClusterAdapter
{
    /// <summary>How many entries are read at a time for a client that comes back.</summary>
    private const int RecoveryReadCount = 1_000;

    /// <summary>How often, at the most.</summary>
    private const int MaxRecoveryReads = 100;

    /// <summary>How long a client that comes back waits for what a server holds for Redis to be written: an outage has just ended.</summary>
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan RecoveryPause = TimeSpan.FromMilliseconds(50);

    private readonly RedisStream _stream;
    private readonly SessionStore? _sessions;
    private readonly string _channel;
    private readonly ChannelSubscriptions _subscriptions;

    public RedisStreamsAdapter(ISocketIOAdapterHost host, RedisAdapterContext context, RedisStreams streams)
        : base(host, context, CreateRequestId())
    {
        _stream = streams.Get(host.Name);
        _channel = $"{context.Options.ChannelPrefix}#{host.Name}#";
        _subscriptions = new ChannelSubscriptions(context, host.Name);
        if (context.Recovery is { } recovery)
        {
            _sessions = new SessionStore(context, recovery, Uid, BreakConnection, KeepSessionAgain);
        }
    }

    public string NamespaceName => Host.Name;

    public string ServerUid => Uid;

    public EarlyDeliveries Early { get; } = new();

    public override bool SupportsRecovery => _sessions is not null;

    public override bool KeepsLiveSessions => _sessions is not null;

    private bool UsesSharded => Context.Options.UseShardedPubSub;

    public override async ValueTask InitializeAsync()
    {
        _stream.Add(this);

        // Answers first: a server counts as one as soon as it hears requests.
        await _subscriptions.AddAsync(ToChannel($"{_channel}{Uid}#"), OnMessageAsync);
        await _subscriptions.AddAsync(ToChannel(_channel), OnMessageAsync);
    }

    public override async ValueTask CloseAsync()
    {
        _stream.Remove(this);
        await _subscriptions.CloseAsync();
        if (_sessions is not null)
        {
            await _sessions.CloseAsync();
        }
    }

    public override ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options) =>
        options.IsLocal ? DeliverAsync(packet, options) : Write(new ClusterMessage(ClusterMessageType.Broadcast) { Packet = packet, Options = options });

    public override ValueTask AddSocketsAsync(BroadcastOptions options, string[] rooms) =>
        WriteOrDo(new ClusterMessage(ClusterMessageType.Join) { Options = options, Names = rooms });

    public override ValueTask RemoveSocketsAsync(BroadcastOptions options, string[] rooms) =>
        WriteOrDo(new ClusterMessage(ClusterMessageType.Leave) { Options = options, Names = rooms });

    public override ValueTask DisconnectSocketsAsync(BroadcastOptions options, bool close) =>
        WriteOrDo(new ClusterMessage(ClusterMessageType.Disconnect) { Options = options, Close = close });

    public override ValueTask KeepSessionAsync(RecoverableSession session) => _sessions!.KeepAsync(session, Host.SerializeData(session.Data));

    public override ValueTask PersistSessionAsync(RecoverableSession session) => _sessions!.PersistAsync(session, Host.SerializeData(session.Data));

    public override ValueTask ForgetSessionAsync(string pid) => _sessions!.ForgetAsync(pid);

    public override async ValueTask<RecoverableSession?> RestoreSessionAsync(string pid, string offset)
    {
        if (!ResumePoint.TryParse(offset, out var point))
        {
            return null;
        }

        await Early.Settled.WaitAsync(RecoveryPatience, Context.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (await _sessions!.TakeAsync(pid) is not var (session, isElsewhere))
        {
            return null;
        }

        if (isElsewhere)
        {
            // Should the server that had it still live, and not know that its client has gone: the socket of before must go.
            _ = _stream.Write(
                this,
                new ClusterMessage(ClusterMessageType.Disconnect) { Uid = Uid, Options = new BroadcastOptions { Rooms = [session.Id] }, Close = true },
                isForOthers: true);
        }

        // Only an event that is still there shows that nothing behind it has been trimmed.
        var found = await _stream.ReadRangeAsync(point.Place, point.Place, 1);
        return found.Count == 1 ? session : null;
    }

    public override async ValueTask<MissedEvents?> ReadMissedAsync(RecoverableSession session, string offset)
    {
        var earlyBefore = Early.Count;
        if (!ResumePoint.TryParse(offset, out var point) || Early.Through != 0)
        {
            return null;
        }

        var missed = new MissedEntries(Host.Name, session.Rooms, point);
        var earlier = new EarlierEntries(_stream, point.Place);
        var deadline = Context.TimeProvider.GetTimestamp();
        var place = point.Place;
        for (var i = 0; i < MaxRecoveryReads; i++)
        {
            var entries = await _stream.ReadRangeAsync(place.Next, null, RecoveryReadCount);
            foreach (var entry in entries)
            {
                if (!missed.IsDoubtful(entry))
                {
                    missed.Add(entry);
                    continue;
                }

                switch (await earlier.ContainAsync(entry))
                {
                    case true:
                        missed.Pass(entry);
                        break;
                    case false:
                        missed.Add(entry);
                        break;
                    case null:
                        return null;
                }
            }

            place = entries.Count > 0 ? entries[^1].Id : place;
            if (entries.Count == RecoveryReadCount)
            {
                continue;
            }

            if (missed.IsComplete)
            {
                // What has been delivered early meanwhile may be in both, or in none.
                return Early.Count == earlyBefore ? new MissedEvents(missed.Packets, place.ToString()) : null;
            }

            if (Context.TimeProvider.GetElapsedTime(deadline) > RecoveryPatience)
            {
                break;
            }

            await Task.Delay(RecoveryPause, Context.TimeProvider);
        }

        // More than can be made up for: an honest new session.
        return null;
    }

    public override bool IsAfter(string offset, string other) =>
        ResumePoint.TryParse(offset, out var point) && ResumePoint.TryParse(other, out var before) && point.Place > before.Place;

    /// <summary>An entry of another server, or of an emitter.</summary>
    public async ValueTask OnEntryAsync(StreamEntry entry)
    {
        if (entry.Decode() is { } message)
        {
            await DeliverAsync(message, entry.Id);
        }
    }

    /// <summary>Delivers a message that has its place in the stream to this server's sockets.</summary>
    public ValueTask DeliverAsync(ClusterMessage message, StreamId place) =>
        message is { Type: ClusterMessageType.Broadcast, RequestId: null } && GivesOffset(message)
            ? DeliverAsync(message.Packet!.WithOffset(GetOffset(place, Early.Through)), message.Options)
            : OnMessageAsync(message);

    /// <summary>
    /// Delivers a message that has no place yet, because Redis is away. With the last event's offset, which is true too, and the message's number: the client has seen all up to there.
    /// </summary>
    public async ValueTask DeliverEarlyAsync(ClusterMessage message, long number)
    {
        if (message.Type != ClusterMessageType.Broadcast || !GivesOffset(message) || _stream.Last is not { } last)
        {
            await OnMessageAsync(message);
        }
        else
        {
            var packet = message.Packet!.WithOffset(GetOffset(last, number));
            await DeliverAsync(new SocketIOPacket(packet.Type, packet.Namespace, packet.Data, packet.Attachments), message.Options);
        }

        Early.OnDelivered(number);
    }

    /// <summary>Entries were trimmed before this server read them.</summary>
    public void OnEventsMissed() => BreakRecoverableConnections();

    protected override ValueTask PublishAsync(ClusterMessage message) =>
        Context.Redis.PublishAsync(ToChannel(_channel), EnvelopeMessage.Encode(message, Host.Name, alwaysMessagePack: true));

    protected override ValueTask RespondAsync(string requesterUid, ClusterMessage response) =>
        Context.Redis.PublishAsync(ToChannel($"{_channel}{requesterUid}#"), EnvelopeMessage.Encode(response, Host.Name, alwaysMessagePack: true));

    protected override Task<long> CountServersAsync() => Context.Redis.CountSubscribersAsync(UsesSharded ? "SHARDNUMSUB" : "NUMSUB", _channel);

    private string GetOffset(StreamId place, long earlyThrough) => earlyThrough == 0 ? place.ToString() : new ResumePoint(place, Uid, earlyThrough).ToString();

    /// <summary>Whether clients are told the event's place: where they may come back and ask for what came behind it.</summary>
    private bool GivesOffset(ClusterMessage message) => _sessions is not null && !message.Options.IsVolatile;

    private ValueTask WriteOrDo(ClusterMessage message) => message.Options.IsLocal ? OnMessageAsync(message) : Write(message);

    private ValueTask Write(ClusterMessage message) => new(_stream.Write(this, message with { Uid = Uid }));

    private RedisChannel ToChannel(string name) => UsesSharded ? RedisChannel.Sharded(name) : RedisChannel.Literal(name);

    private async Task OnMessageAsync(ChannelMessage message)
    {
        if (EnvelopeMessage.Decode((byte[])message.Message!, Host.Name, Uid) is { } decoded)
        {
            await OnMessageAsync(decoded);
        }
    }
}
