using System.Collections.Concurrent;
using System.Security.Cryptography;
using StackExchange.Redis;
using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>
/// What all Redis adapters do alike: they act on this server's sockets, tell the other servers, and gather their answers. How messages travel and look is left to those who derive.
/// This server's clients come first: while Redis is away they are served, and what needs other servers fails at its limit.
/// </summary>
internal abstract class ClusterAdapter : SocketIOAdapter
{
    private readonly TimeSpan _requestsTimeout;

    protected ClusterAdapter(ISocketIOAdapterHost host, RedisAdapterContext context, string uid)
        : base(host)
    {
        Context = context;
        Uid = uid;
        Requests = new ClusterRequests(context.TimeProvider, context.Metrics);
        _requestsTimeout = context.Options.RequestsTimeout;
    }

    protected RedisAdapterContext Context { get; }

    /// <summary>This server's name among the others.</summary>
    protected string Uid { get; }

    protected ClusterRequests Requests { get; }

    /// <summary>Sends a message to the other servers.</summary>
    protected abstract ValueTask PublishAsync(ClusterMessage message);

    /// <summary>Sends an answer to the server that asked.</summary>
    protected abstract ValueTask RespondAsync(string requesterUid, ClusterMessage response);

    /// <summary>How many servers Redis knows of.</summary>
    protected abstract Task<long> CountServersAsync();

    /// <summary>What Node says when not all servers have answered.</summary>
    protected virtual string DescribeTimeout(ClusterMessageType type, PendingRequest request) =>
        $"timeout reached: only {request.Received} responses received out of {request.Expected}";

    public override async ValueTask<int> ServerCountAsync()
    {
        using var deadline = CreateDeadline(_requestsTimeout);
        return await CountAsync(deadline.Token);
    }

    public override async ValueTask BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        var local = base.BroadcastAsync(packet, options);
        if (!options.IsLocal)
        {
            await PublishBroadcastAsync(new ClusterMessage(ClusterMessageType.Broadcast) { Uid = Uid, Packet = packet, Options = options });
        }

        await local;
    }

    public override async ValueTask BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, Action<int> onClientCount, Action<SocketIOPacket> onAck)
    {
        var local = base.BroadcastWithAckAsync(packet, options, onClientCount, onAck);
        if (!options.IsLocal)
        {
            var id = CreateRequestId();
            Requests.AddAcks(id, new PendingAcks(onClientCount, onAck), options.Timeout ?? _requestsTimeout);
            await ReachAsync(() => PublishAsync(new ClusterMessage(ClusterMessageType.Broadcast) { Uid = Uid, RequestId = id, Packet = packet, Options = options }));
        }

        await local;
    }

    public override async Task<IReadOnlyList<RemoteSocketInfo>> FetchSocketsAsync(BroadcastOptions options)
    {
        var local = await base.FetchSocketsAsync(options);
        if (options.IsLocal)
        {
            return local;
        }

        var found = new List<RemoteSocketInfo>(local);
        await AskAsync(
            new ClusterMessage(ClusterMessageType.FetchSockets) { Options = options }, response => found.AddRange(response.Sockets), options.Timeout ?? _requestsTimeout);
        return found;
    }

    public override async Task<IReadOnlySet<string>> FetchRoomsAsync()
    {
        var rooms = new HashSet<string>(await base.FetchRoomsAsync(), StringComparer.Ordinal);
        await AskForRoomsAsync(rooms);
        return rooms;
    }

    public override async ValueTask AddSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        await base.AddSocketsAsync(options, rooms);
        await TellAsync(options, new ClusterMessage(ClusterMessageType.Join) { Options = options, Names = rooms });
    }

    public override async ValueTask RemoveSocketsAsync(BroadcastOptions options, string[] rooms)
    {
        await base.RemoveSocketsAsync(options, rooms);
        await TellAsync(options, new ClusterMessage(ClusterMessageType.Leave) { Options = options, Names = rooms });
    }

    public override async ValueTask DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        await base.DisconnectSocketsAsync(options, close);
        await TellAsync(options, new ClusterMessage(ClusterMessageType.Disconnect) { Options = options, Close = close });
    }

    public override ValueTask ServerSideEmitAsync(SocketIOPacket packet) =>
        ReachAsync(() => PublishAsync(new ClusterMessage(ClusterMessageType.ServerSideEmit) { Uid = Uid, Packet = packet }));

    public override Task ServerSideEmitWithAckAsync(SocketIOPacket packet, Action<SocketIOPacket> onAck) =>
        AskAsync(
            new ClusterMessage(ClusterMessageType.ServerSideEmit) { Packet = packet },
            response =>
            {
                if (response.Packet is { } answer)
                {
                    onAck(answer);
                }
            },
            _requestsTimeout);

    /// <summary>The rooms of other servers. Where the wire has no word for that: those of all their sockets.</summary>
    protected virtual Task AskForRoomsAsync(HashSet<string> rooms) =>
        AskAsync(
            new ClusterMessage(ClusterMessageType.FetchSockets),
            response =>
            {
                foreach (var socket in response.Sockets)
                {
                    rooms.UnionWith(socket.Rooms);
                }
            },
            _requestsTimeout);

    /// <summary>Asks all other servers, and waits for all their answers.</summary>
    /// <exception cref="TimeoutException">Not all answered in time, or Redis cannot be reached.</exception>
    protected async Task AskAsync(ClusterMessage message, Action<ClusterMessage> onResponse, TimeSpan timeout)
    {
        using var deadline = CreateDeadline(timeout);
        var others = await CountAsync(deadline.Token) - 1;
        if (others <= 0)
        {
            return;
        }

        var id = CreateRequestId();
        var request = new PendingRequest(others, onResponse);
        try
        {
            await Requests.RunAsync(id, request, () => ReachAsync(() => PublishAsync(message with { Uid = Uid, RequestId = id })), deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(DescribeTimeout(message.Type, request));
        }
    }

    /// <summary>Does what another server asks. Not awaited beyond this server's own sockets: a slow handler must not keep the next message.</summary>
    protected async ValueTask OnMessageAsync(ClusterMessage message)
    {
        switch (message.Type)
        {
            case ClusterMessageType.Broadcast when message.RequestId is null:
                await base.BroadcastAsync(message.Packet!, message.Options);
                break;
            case ClusterMessageType.Broadcast:
                await base.BroadcastWithAckAsync(
                    message.Packet!,
                    message.Options,
                    count => Answer(message, new ClusterMessage(ClusterMessageType.ClientCount) { ClientCount = count }),
                    ack => Answer(message, new ClusterMessage(ClusterMessageType.ClientAck) { Packet = ack }));
                break;
            case ClusterMessageType.Join:
                await base.AddSocketsAsync(message.Options, message.Names);
                AnswerDone(message);
                break;
            case ClusterMessageType.Leave:
                await base.RemoveSocketsAsync(message.Options, message.Names);
                AnswerDone(message);
                break;
            case ClusterMessageType.Disconnect:
                AnswerDone(message);
                await base.DisconnectSocketsAsync(message.Options, message.Close);
                break;
            case ClusterMessageType.FetchSockets:
                Answer(message, new ClusterMessage(ClusterMessageType.FetchSocketsResponse) { Sockets = await base.FetchSocketsAsync(message.Options) });
                break;
            case ClusterMessageType.FetchRooms:
                Answer(message, new ClusterMessage(ClusterMessageType.FetchRoomsResponse) { Names = [.. await base.FetchRoomsAsync()] });
                break;
            case ClusterMessageType.FetchSocketIds:
                Answer(message, new ClusterMessage(ClusterMessageType.FetchSocketIdsResponse) { Names = [.. GetSocketIds(message.Options)] });
                break;
            case ClusterMessageType.ServerSideEmit:
                _ = Host.OnServerSideEmitAsync(
                    message.Packet!,
                    message.RequestId is null ? null : ack => Answer(message, new ClusterMessage(ClusterMessageType.ServerSideEmitResponse) { Packet = ack })).AsTask();
                break;
            default:
                Requests.OnResponse(message);
                break;
        }
    }

    /// <summary>Delivers to this server's own sockets.</summary>
    protected ValueTask DeliverAsync(SocketIOPacket packet, BroadcastOptions options) => base.BroadcastAsync(packet, options);

    /// <summary>A broadcast that does not reach the other servers is this server's clients' all the same: it is counted, and the caller goes on.</summary>
    private async ValueTask PublishBroadcastAsync(ClusterMessage message)
    {
        try
        {
            await PublishAsync(message);
        }
        catch (Exception exception) when (IsRedisAway(exception))
        {
            Context.Metrics.Lost();
            RedisLog.PublishFailed(Context.Logger, exception, Host.Name);
        }
    }

    private ValueTask TellAsync(BroadcastOptions options, ClusterMessage message) =>
        options.IsLocal ? ValueTask.CompletedTask : ReachAsync(() => PublishAsync(message with { Uid = Uid }));

    private async Task<int> CountAsync(CancellationToken deadline)
    {
        try
        {
            return (int)Math.Max(1, await CountServersAsync().WaitAsync(deadline));
        }
        catch (Exception exception) when (IsRedisAway(exception) || exception is OperationCanceledException)
        {
            throw new TimeoutException("timeout reached: Redis cannot be reached", exception);
        }
    }

    /// <summary>Does what needs Redis; where Redis is away, that is a timeout to the caller, at once.</summary>
    private static async ValueTask ReachAsync(Func<ValueTask> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception) when (IsRedisAway(exception))
        {
            throw new TimeoutException("timeout reached: Redis cannot be reached", exception);
        }
    }

    private void AnswerDone(ClusterMessage request)
    {
        if (request.WantsDone && request.Options.Rooms is [var id] && HasSocket(id))
        {
            Answer(request, new ClusterMessage(ClusterMessageType.Done));
        }
    }

    private void Answer(ClusterMessage request, ClusterMessage response) => _ = AnswerAsync(request, response);

    private async Task AnswerAsync(ClusterMessage request, ClusterMessage response)
    {
        try
        {
            await RespondAsync(request.Uid, response with { Uid = Uid, RequestId = request.RequestId });
        }
        catch (Exception exception) when (IsRedisAway(exception))
        {
            // Whoever asked finds out by its own limit.
            RedisLog.AnswerFailed(Context.Logger, exception, Host.Name);
        }
    }

    private CancellationTokenSource CreateDeadline(TimeSpan timeout) => new(timeout, Context.TimeProvider);

    protected static bool IsRedisAway(Exception exception) => exception is RedisException or RedisTimeoutException or TimeoutException or ObjectDisposedException;

    /// <summary>16 hexadecimal digits, as Node's cluster adapters name servers and requests.</summary>
    protected static string CreateRequestId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
