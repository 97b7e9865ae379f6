using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace StickyAspire.Connections;

/// <summary>Hands out connections that can be detached, and takes Kestrel's place in waiting for those that were: it goes down when they have ended, or the host's time to stop is up.</summary>
internal sealed class DetachingListener(IConnectionListener inner, ConnectionBudget budget, TimeProvider timeProvider) : IConnectionListener
{
    /// <summary>How long aborted connections may take to end: as long as Kestrel gives its own.</summary>
    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private Task? _accepting;
    private DetachedConnection? _first;
    private CancellationToken _stop = new(canceled: true);
    private bool _isClosing;

    public TimeProvider TimeProvider => timeProvider;

    public EndPoint EndPoint => inner.EndPoint;

    /// <summary>Takes connections that came by another way, until the listener is unbound, and gives them to Kestrel as if they had been accepted here. They take no place in the table of open files.</summary>
    public ChannelWriter<ConnectionContext> Others => _accepted.Writer;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        _accepting ??= AcceptInnerAsync(cancellationToken);
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection))
            {
                return connection as DetachableConnection ?? new DetachableConnection(connection, this, hasFile: false);
            }
        }

        return null;
    }

    /// <summary>Stops listening.</summary>
    /// <param name="cancellationToken">When the time is up that connections have to end by themselves.</param>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _stop = cancellationToken;
        return inner.UnbindAsync(cancellationToken);
    }

    /// <summary>Called when Kestrel's own connections have ended. The transport's memory goes with it, so nobody may use it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosing = true;
            if (_first is null)
            {
                _empty.TrySetResult();
            }
        }

        try
        {
            await _empty.Task.WaitAsync(_stop);
        }
        catch (OperationCanceledException)
        {
            AbortAll();
            await Task.WhenAny(_empty.Task, Task.Delay(AbortTime, CancellationToken.None));
        }

        await inner.DisposeAsync();
    }

    /// <summary>Called when the socket of a connection has been closed, whoever had it.</summary>
    public void OnClosed() => budget.Leave();

    public void Add(DetachedConnection connection)
    {
        lock (_gate)
        {
            connection.Next = _first;
            _first?.Previous = connection;
            _first = connection;
        }
    }

    public void Remove(DetachedConnection connection)
    {
        if (connection.HasFile)
        {
            OnClosed();
        }

        lock (_gate)
        {
            connection.Previous?.Next = connection.Next;
            connection.Next?.Previous = connection.Previous;
            if (_first == connection)
            {
                _first = connection.Next;
            }

            connection.Previous = connection.Next = null;
            if (_first is null && _isClosing)
            {
                _empty.TrySetResult();
            }
        }
    }

    private async Task AcceptInnerAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                _accepted.Writer.TryWrite(new DetachableConnection(connection, this, hasFile: true));
            }

            _accepted.Writer.TryComplete();
        }
#pragma warning disable CA1031 // Kestrel gets it from the next accept.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _accepted.Writer.TryComplete(exception);
        }
    }

    private void AbortAll()
    {
        var connections = new List<DetachedConnection>();
        lock (_gate)
        {
            for (var connection = _first; connection is not null; connection = connection.Next)
            {
                connections.Add(connection);
            }
        }

        foreach (var connection in connections)
        {
            connection.Abort();
        }
    }
}
