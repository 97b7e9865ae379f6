using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace StickyAspire.SocketIO.Handlers;

/// <summary>A handler class's event methods, and how to make an instance.</summary>
[RequiresUnreferencedCode("Reflection.")]
[RequiresDynamicCode("Reflection.")]
internal sealed class HandlerMap<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>
    where THandler : SocketIOHandler
{
    private readonly ObjectFactory<THandler> _factory = ActivatorUtilities.CreateFactory<THandler>(Type.EmptyTypes);

    public HandlerMap()
    {
        foreach (var method in typeof(THandler).GetMethods(BindingFlags.Public | BindingFlags.Instance))
        {
            foreach (var attribute in method.GetCustomAttributes<SocketIOEventAttribute>())
            {
                if (!Methods.TryAdd(attribute.Name, new HandlerMethod(method)))
                {
                    throw new InvalidOperationException($"{typeof(THandler)} has two methods for event \"{attribute.Name}\".");
                }
            }
        }

        if (Methods.Count == 0)
        {
            throw new InvalidOperationException($"{typeof(THandler)} has no public method with [SocketIOEvent(\"…\")].");
        }
    }

    public Dictionary<string, HandlerMethod> Methods { get; } = new(StringComparer.Ordinal);

    public THandler Create(IServiceProvider services, ISocketIOSocket socket)
    {
        var handler = _factory(services, []);
        handler.Socket = socket;
        return handler;
    }
}
