using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>
/// Gathers the answers to a broadcast. Complete when every server has said how many clients it asked, and as many have answered.
/// </summary>
internal sealed class BroadcastAckCollector<T>(TimeSpan timeout, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly List<T?> _responses = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expectedServers = int.MaxValue;
    private int _servers;
    private int _expectedClients;

    public async Task<IReadOnlyList<T?>> CollectAsync(SocketIOAdapter adapter, SocketIOPacket packet, BroadcastOptions options)
    {
        await adapter.BroadcastWithAckAsync(packet, options, OnClientCount, OnAck);
        var servers = options.IsLocal ? 1 : await adapter.ServerCountAsync();
        lock (_gate)
        {
            _expectedServers = servers;
        }

        CheckDone();
        try
        {
            await _done.Task.WaitAsync(timeout, timeProvider);
        }
        catch (TimeoutException)
        {
            throw new BroadcastTimeoutException<T>(GetResponses());
        }

        return GetResponses();
    }

    private void OnClientCount(int count)
    {
        lock (_gate)
        {
            _servers++;
            _expectedClients += count;
        }

        CheckDone();
    }

    private void OnAck(SocketIOPayload payload)
    {
        T? response;
        try
        {
            response = payload.Count > 0 ? payload.Get<T>(0) : default;
        }
        catch (System.Text.Json.JsonException exception)
        {
            _done.TrySetException(exception);
            return;
        }

        lock (_gate)
        {
            _responses.Add(response);
        }

        CheckDone();
    }

    private void CheckDone()
    {
        lock (_gate)
        {
            if (_servers < _expectedServers || _responses.Count < _expectedClients)
            {
                return;
            }
        }

        _done.TrySetResult();
    }

    private T?[] GetResponses()
    {
        lock (_gate)
        {
            return [.. _responses];
        }
    }
}
