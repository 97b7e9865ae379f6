using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;

namespace Cluster.Tests.Specs;

public sealed class MemoryRecoverySpecs : RecoverySpec
{
    protected override int ServerCount => 1;

    protected override void AddAdapter(ISocketIOBuilder builder)
    {
    }
}
