using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using StickyAspire.Replica;
using StickyAspire.Trunks;

namespace Replica.Tests.Trunks;

/// <summary>A stream as Kestrel and the sessions write to it.</summary>
public sealed class TrunkOutputTests : IAsyncLifetime
{
    private readonly Channel<TrunkStream> _opened = Channel.CreateUnbounded<TrunkStream>();
    private Trunk _gateway = null!;
    private Trunk _server = null!;
    private TrunkStream _reader = null!;
    private TrunkConnection _connection = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(Cancellation);
        await client.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port, Cancellation);
        var one = client.GetStream();
        var other = (await accepting).GetStream();
        _gateway = new Trunk(new StreamTrunkTransport(one, one.Dispose), null, inline: false, TimeProvider.System);
        _server = new Trunk(new StreamTrunkTransport(other, other.Dispose), stream => _opened.Writer.TryWrite(stream), inline: false, TimeProvider.System);
        _ = _gateway.RunAsync();
        _ = _server.RunAsync();
        _reader = _gateway.TryOpen()!;
        _gateway.Writer.Flush();
        _connection = new TrunkConnection(await _opened.Reader.ReadAsync(Cancellation), new TrunkOrigin("trunk", null, null), new FeatureCollection());
    }

    public ValueTask DisposeAsync()
    {
        _gateway.Abort();
        _server.Abort();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task WritesOfEveryKind_ArriveInOrder()
    {
        var output = _connection.Transport.Output;
        "one "u8.CopyTo(output.GetSpan(4));
        output.Advance(4);
        Assert.Equal(4, output.UnflushedBytes);
        await output.WriteAsync("two "u8.ToArray(), Cancellation);
        await output.WriteAsync("three "u8.ToArray(), Cancellation);
        output.GetMemory(100_000).Span[..100_000].Fill((byte)'x');
        output.Advance(100_000);
        var flushing = output.FlushAsync(Cancellation).AsTask();

        Assert.Equal("one two three " + new string('x', 100_000), await ReadAsync(100_014));
        Assert.False((await flushing).IsCompleted);
        Assert.Equal(0, output.UnflushedBytes);
    }

    [Fact]
    public async Task DisposedConnection_EndsAfterWhatASlowReaderStillHasToTake()
    {
        var writing = _connection.Transport.Output.WriteAsync(new byte[200_000], Cancellation).AsTask();
        Assert.False(writing.IsCompleted);

        var disposing = _connection.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);

        Assert.Equal(200_000, (await ReadAsync(200_000)).Length);
        await disposing.WaitAsync(Cancellation);
        Assert.True((await _reader.Input.ReadAsync(Cancellation)).IsCompleted);
    }

    [Fact]
    public async Task AbortWithoutAReason_LetsTheLastBytesThrough()
    {
        await _connection.Transport.Output.WriteAsync("last"u8.ToArray(), Cancellation);
        _connection.Abort(null);

        Assert.Equal("last", await ReadAsync(4));
        Assert.True((await _reader.Input.ReadAsync(Cancellation)).IsCompleted);
    }

    [Fact]
    public async Task AbortedConnection_WaitsForNobody()
    {
        var writing = _connection.Transport.Output.WriteAsync(new byte[200_000], Cancellation).AsTask();
        var disposing = _connection.DisposeAsync().AsTask();

        _connection.Abort(new ConnectionAbortedException());

        await disposing.WaitAsync(Cancellation);
        Assert.True((await writing.WaitAsync(Cancellation)).IsCompleted);
        Assert.True(_connection.ConnectionClosed.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task PendingFlush_CanBeCancelled()
    {
        var output = _connection.Transport.Output;
        var writing = output.WriteAsync(new byte[200_000], Cancellation).AsTask();
        output.CancelPendingFlush();
        Assert.True((await writing.WaitAsync(Cancellation)).IsCanceled);

        // As in a Pipe, what was written stays written.
        Assert.Equal(200_000 - TrunkProtocol.Window, output.UnflushedBytes);
        var flushing = output.FlushAsync(Cancellation).AsTask();
        Assert.Equal(200_000, (await ReadAsync(200_000)).Length);
        await flushing;

        using var cancelled = new CancellationTokenSource();
        writing = output.WriteAsync(new byte[200_000], cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task ReaderThatIsGone_IsToldToTheWriter()
    {
        _reader.Close();

        FlushResult result;
        do
        {
            result = await _connection.Transport.Output.WriteAsync("x"u8.ToArray(), Cancellation);
        }
        while (!result.IsCompleted);
        Assert.True((await _connection.Transport.Input.ReadAsync(Cancellation)).IsCompleted);
    }

    private async Task<string> ReadAsync(int count)
    {
        var text = new System.Text.StringBuilder();
        while (text.Length < count)
        {
            var read = await _reader.Input.ReadAsync(Cancellation);
            text.Append(System.Text.Encoding.ASCII.GetString(read.Buffer.ToArray()));
            _reader.Input.AdvanceTo(read.Buffer.End);
        }

        return text.ToString();
    }
}
