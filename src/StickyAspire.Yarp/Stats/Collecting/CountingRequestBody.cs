using StickyAspire.Yarp.Forwarding;

namespace StickyAspire.Yarp.Stats.Collecting;

/// <summary>Counts the bytes of a request's body as they are read.</summary>
internal sealed class CountingRequestBody(Stream inner, ProxiedRequest request) : OneWayStream
{
    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(buffer, cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return CountAsync(read);
        }

        var count = read.Result;
        request.AddBytesIn(count);
        return new ValueTask<int>(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        request.AddBytesIn(read);
        return read;
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<int> CountAsync(ValueTask<int> read)
    {
        var count = await read;
        request.AddBytesIn(count);
        return count;
    }
}
