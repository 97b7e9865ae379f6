using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;

namespace Cluster.Tests.Specs;

public sealed class MemoryAdapterSpecs : AdapterSpec
{
    protected override int ServerCount => 1;

    protected override void AddAdapter(ISocketIOBuilder builder)
    {
    }
}
