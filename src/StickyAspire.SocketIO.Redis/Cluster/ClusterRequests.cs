using System.Collections.Concurrent;

namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>What this server has asked of others and is not through with. Bounded in time: every entry goes at its deadline, answered or not.</summary>
internal sealed class ClusterRequests(TimeProvider timeProvider, ClusterMetrics metrics)
{
    private const string RequestKind = "request";
    private const string AckKind = "ack";

    private readonly ConcurrentDictionary<string, PendingRequest> _requests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PendingAcks> _acks = new(StringComparer.Ordinal);

    /// <summary>Sends a request and waits for its answers.</summary>
    /// <param name="id">The request's id.</param>
    /// <param name="request">How many answers, and who gets them.</param>
    /// <param name="sendAsync">Publishes the request.</param>
    /// <param name="deadline">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The deadline came first.</exception>
    public async Task RunAsync(string id, PendingRequest request, Func<ValueTask> sendAsync, CancellationToken deadline)
    {
        _requests[id] = request;
        metrics.Pending(RequestKind, 1);
        try
        {
            await sendAsync();
            await request.Task.WaitAsync(deadline);
        }
        finally
        {
            _requests.TryRemove(id, out _);
            metrics.Pending(RequestKind, -1);
        }
    }

    /// <summary>Waits for the answers to a broadcast, for so long.</summary>
    public void AddAcks(string id, PendingAcks acks, TimeSpan lifetime)
    {
        _acks[id] = acks;
        metrics.Pending(AckKind, 1);
        _ = ForgetAsync(id, lifetime);
    }

    public bool IsOwn(string id) => _requests.ContainsKey(id) || _acks.ContainsKey(id);

    /// <summary>Takes an answer. One that nobody waits for, or waits for any more, is passed over.</summary>
    public void OnResponse(ClusterMessage response)
    {
        if (response.RequestId is not { } id)
        {
            return;
        }

        if (_acks.TryGetValue(id, out var acks))
        {
            if (response.Type == ClusterMessageType.ClientCount)
            {
                acks.OnClientCount(response.ClientCount);
            }
            else if (response.Packet is { } packet)
            {
                acks.OnAck(packet);
            }
        }
        else if (_requests.TryGetValue(id, out var request))
        {
            request.Add(response);
        }
    }

    private async Task ForgetAsync(string id, TimeSpan lifetime)
    {
        await Task.Delay(lifetime, timeProvider);
        _acks.TryRemove(id, out _);
        metrics.Pending(AckKind, -1);
    }
}
