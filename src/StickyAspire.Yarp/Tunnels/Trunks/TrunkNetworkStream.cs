using System.Net.Sockets;
using StickyAspire.Trunks;
using StickyAspire.Yarp.Forwarding;

namespace StickyAspire.Yarp.Tunnels;

/// <summary>A trunk's stream for <see cref="HttpClient"/>, where a <see cref="NetworkStream"/> would be: with the same exceptions, and for asynchronous use alone, as the client uses it.</summary>
internal sealed class TrunkNetworkStream(TrunkStream stream) : OneWayStream
{
    private readonly TrunkServerConnection _connection = new(stream, failsAsStream: true);

    /// <summary>A client that nobody disposes of closes its sockets this way too.</summary>
    ~TrunkNetworkStream() => _connection.Dispose();

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _connection.ReceiveAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var sent = _connection.Send(buffer.Span, out var error);
        return error == SocketError.Success && sent == buffer.Length ? ValueTask.CompletedTask : WriteRestAsync(buffer[Math.Max(sent, 0)..], cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // What is written is on its way.
    }

    protected override void Dispose(bool disposing)
    {
        _connection.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                rest = rest[await _connection.SendAsync(rest, cancellationToken)..];
            }
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
