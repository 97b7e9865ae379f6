using StickyAspire.SocketIO.Adapters;
using StickyAspire.SocketIO.Protocol;

namespace StickyAspire.SocketIO;

/// <summary>
/// Gathers the answers to a broadcast. Complete when every server has said how many clients it asked, and as many have answered.
/// </summary>
internal sealed class BroadcastAckCollector<T>(SocketIONamespace nsp, TimeSpan timeout)
{
    private readonly Lock _gate = new();
    private readonly List<T?> _responses = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expectedServers = int.MaxValue;
    private int _servers;
    private int _expectedClients;

    public async Task<IReadOnlyList<T?>> CollectAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        // The time runs from here: asking how many servers there are is part of it.
        var done = _done.Task.WaitAsync(timeout, nsp.Server.TimeProvider);
        _ = SendAsync(packet, options);
        try
        {
            await done;
        }
        catch (TimeoutException)
        {
            throw new BroadcastTimeoutException<T>(GetResponses());
        }

        return GetResponses();
    }

    private async Task SendAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        try
        {
            await nsp.Adapter.BroadcastWithAckAsync(packet, options, OnClientCount, OnAck);
            var servers = options.IsLocal ? 1 : await nsp.Adapter.ServerCountAsync();
            lock (_gate)
            {
                _expectedServers = servers;
            }

            CheckDone();
        }
        catch (TimeoutException)
        {
            // The other servers are out of reach: the gatherer's own limit ends the wait, with the answers of this server's clients.
        }
#pragma warning disable CA1031 // It must reach whoever awaits the answers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _done.TrySetException(exception);
        }
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

    private void OnAck(SocketIOPacket packet)
    {
        T? response;
        try
        {
            var payload = nsp.GetArguments(packet);
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
