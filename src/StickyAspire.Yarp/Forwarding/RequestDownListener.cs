using System.Runtime.CompilerServices;
using StickyAspire.Yarp.Health;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Forwarding;

/// <summary>Ends a server's requests in progress when it is marked down and <c>Check.OnMarkedDown</c> asks for it: a poll that waits on a hung server would wait until its timeout.</summary>
internal sealed class RequestDownListener : IServerDownListener
{
    private readonly ConditionalWeakTable<DestinationState, StrongBox<CancellationTokenSource>> _ends = [];

    /// <summary>Signalled when the server's requests that are in progress now are to end.</summary>
    public CancellationToken GetToken(DestinationState destination) => Volatile.Read(ref GetEnd(destination).Value!).Token;

    /// <summary>In the background, as what is cancelled may take its time. Requests from now on have another token.</summary>
    public void ShutdownSessions(ClusterState cluster, DestinationState destination) =>
        _ = Interlocked.Exchange(ref GetEnd(destination).Value!, new CancellationTokenSource()).CancelAsync();

    private StrongBox<CancellationTokenSource> GetEnd(DestinationState destination) =>
        _ends.GetValue(destination, static _ => new StrongBox<CancellationTokenSource>(new CancellationTokenSource()));
}
