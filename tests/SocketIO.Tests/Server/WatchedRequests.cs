using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SocketIO.Tests.Server;

/// <summary>WebSocket requests, and whether what Kestrel has of them is still in memory.</summary>
internal sealed class WatchedRequests
{
    private readonly ConcurrentQueue<WeakReference> _features = [];
    private readonly ConcurrentQueue<WeakReference> _sockets = [];
    private int _ended;

    public int Ended => Volatile.Read(ref _ended);

    public bool AreCollected => CountInMemory(_features) == 0;

    public int SocketsInMemory => CountInMemory(_sockets);

    public void Watch(WebApplication app) => app.Use(async (context, next) =>
    {
        var isWebSocket = TryWatch(context);
        await next();
        if (isWebSocket)
        {
            Interlocked.Increment(ref _ended);
        }
    });

    /// <summary>Kestrel's upgrade feature is its whole request, with headers, features and body.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryWatch(HttpContext context)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } request)
        {
            return false;
        }

        _features.Enqueue(new WeakReference(request));
        _sockets.Enqueue(new WeakReference(context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket));
        return true;
    }

    private static int CountInMemory(IEnumerable<WeakReference> references)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return references.Count(reference => reference.IsAlive);
    }
}
