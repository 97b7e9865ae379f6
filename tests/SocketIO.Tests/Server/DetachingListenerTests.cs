using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Connections;

namespace SocketIO.Tests.Server;

/// <summary>Connections that will not close by themselves.</summary>
public sealed class DetachingListenerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionBudget _budget = new(OpenFiles.OfThisProcess, filesPerConnection: 1);

    [Fact]
    public async Task Client_ThatDoesNotReadWhatWasSentLast_IsCutOffAfter30Seconds()
    {
        var inner = new StuckConnection();
        var listener = new DetachingListener(new Listener(), _budget, _time);
        var connection = new DetachedConnection(inner, listener, hasFile: true);
        listener.Add(connection);

        var disposed = connection.DisposeAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(disposed.IsCompleted);
        Assert.False(inner.IsAborted);
        _time.Advance(TimeSpan.FromSeconds(1));

        await disposed.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(inner.IsAborted);
    }

    [Fact]
    public async Task Listener_WaitsUntilItsTimeIsUp_ThenAborts_ThoseThatAreClosingToo_AndGoesLast()
    {
        using var time = new CancellationTokenSource();
        var inner = new Listener();
        var listener = new DetachingListener(inner, _budget, _time);
        StuckConnection[] connections = [new(), new()];
        var detached = connections.Select(each => new DetachedConnection(each, listener, hasFile: true)).ToArray();
        Array.ForEach(detached, listener.Add);
        var closing = detached[0].DisposeAsync().AsTask();

        await listener.UnbindAsync(time.Token);
        var disposed = listener.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);
        await time.CancelAsync();
        await closing.WaitAsync(TestContext.Current.CancellationToken);
        await detached[1].DisposeAsync();
        await disposed.WaitAsync(TestContext.Current.CancellationToken);

        Assert.All(connections, each => Assert.True(each.IsAborted));
        Assert.True(inner.IsDisposed);
    }

    [Fact]
    public async Task Completion_IsToldOnce_AndAtOnceWhenItComesLate()
    {
        var told = 0;
        var inner = new StuckConnection();
        var listener = new DetachingListener(new Listener(), _budget, _time);
        var connection = new DetachedConnection(inner, listener, hasFile: true);
        listener.Add(connection);
        connection.OnCompleted(Tell, this);
        connection.OnCompleted(_ => throw new InvalidOperationException("Nobody's concern."), this);
        connection.OnCompleted(Tell, this);
        Assert.Equal(0, told);

        connection.Abort();
        await connection.DisposeAsync();
        await connection.DisposeAsync();
        Assert.Equal(2, told);
        connection.OnCompleted(Tell, this);
        Assert.Equal(3, told);

        Task Tell(object state)
        {
            told++;
            return Task.CompletedTask;
        }
    }

    /// <summary>Closes when it is aborted, and not before.</summary>
    private sealed class StuckConnection : DefaultConnectionContext
    {
        private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StuckConnection() => Transport = new Pipes();

        public bool IsAborted => _aborted.Task.IsCompleted;

        public override void Abort(ConnectionAbortedException abortReason) => _aborted.TrySetResult();

        public override async ValueTask DisposeAsync()
        {
            await _aborted.Task;
            await base.DisposeAsync();
        }
    }

    private sealed class Pipes : IDuplexPipe
    {
        private readonly Pipe _pipe = new();

        public PipeReader Input => _pipe.Reader;

        public PipeWriter Output => _pipe.Writer;
    }

    private sealed class Listener : IConnectionListener
    {
        public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 0);

        public bool IsDisposed { get; private set; }

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<ConnectionContext?>(null);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
