using System.Diagnostics.CodeAnalysis;
using StickyAspire.SocketIO.Handlers;

namespace StickyAspire.SocketIO;

/// <summary>Handlers as classes.</summary>
public static class SocketIOHandlerExtensions
{
    /// <summary>Handles a namespace's events with the methods of a class.</summary>
    /// <param name="nsp">The namespace.</param>
    /// <param name="lifetime">How long an instance lives. Default: one call.</param>
    /// <typeparam name="THandler">The class. Its constructor's parameters come from the services of a scope of its own.</typeparam>
    /// <exception cref="InvalidOperationException">The class has no event methods, or two of one event.</exception>
    [RequiresUnreferencedCode("Event methods are found by reflection. In trimmed applications use On(…) with lambdas.")]
    [RequiresDynamicCode("Event methods are called by reflection. In ahead-of-time compiled applications use On(…) with lambdas.")]
    public static void MapHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this ISocketIONamespace nsp, HandlerLifetime lifetime = HandlerLifetime.Call)
        where THandler : SocketIOHandler
    {
        ArgumentNullException.ThrowIfNull(nsp);
        var map = new HandlerMap<THandler>();
        nsp.OnConnection(socket => HandlerBinding<THandler>.BindAsync(map, socket, ((SocketIOSocket)socket).Nsp.Server, lifetime));
    }
}
