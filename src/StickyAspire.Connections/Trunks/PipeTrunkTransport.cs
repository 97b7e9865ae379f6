using Microsoft.AspNetCore.Connections;
using StickyAspire.Connections;

namespace StickyAspire.Trunks;

/// <summary>A trunk's connection as the pipes of one that has left HTTP.</summary>
internal sealed class PipeTrunkTransport(DetachedConnection connection) : TrunkTransport
{
    public override async Task ReadAsync(Receiver receiver)
    {
        while (true)
        {
            var read = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(receiver(read.Buffer), read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if ((await connection.Output.WriteAsync(bytes)).IsCompleted)
        {
            throw new ConnectionResetException("The other end has gone.");
        }
    }

    public override void Abort() => connection.Abort();
}
