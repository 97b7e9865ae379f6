using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Handlers;

/// <summary>A handler class, bound to one client's events.</summary>
[RequiresUnreferencedCode("Reflection.")]
[RequiresDynamicCode("Reflection.")]
internal sealed class HandlerBinding<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>
    where THandler : SocketIOHandler
{
    private readonly HandlerMap<THandler> _map;
    private readonly ISocketIOSocket _socket;
    private readonly IServiceScopeFactory _scopes;

    private HandlerBinding(HandlerMap<THandler> map, ISocketIOSocket socket, IServiceScopeFactory scopes)
    {
        _map = map;
        _socket = socket;
        _scopes = scopes;
    }

    public static Task BindAsync(HandlerMap<THandler> map, ISocketIOSocket socket, SocketIOServer server, HandlerLifetime lifetime)
    {
        var binding = new HandlerBinding<THandler>(map, socket, server.Services.GetRequiredService<IServiceScopeFactory>());
        return lifetime == HandlerLifetime.Call ? binding.BindCallsAsync() : binding.BindConnectionAsync();
    }

    private Task BindCallsAsync()
    {
        foreach (var (name, method) in _map.Methods)
        {
            _socket.On(name, (ref SocketIOEventReader reader) =>
            {
                var arguments = method.ReadArguments(ref reader);
                var ack = reader.Ack;
                return WithHandlerAsync(handler => method.InvokeAsync(handler, arguments, ack));
            });
        }

        _socket.OnDisconnect(async reason => await WithHandlerAsync(handler => new ValueTask(handler.OnDisconnectedAsync(reason))));
        return WithHandlerAsync(handler => new ValueTask(handler.OnConnectedAsync())).AsTask();
    }

    private async ValueTask WithHandlerAsync(Func<THandler, ValueTask> call)
    {
        await using var scope = _scopes.CreateAsyncScope();
        await call(_map.Create(scope.ServiceProvider, _socket));
    }

    private Task BindConnectionAsync()
    {
        var scope = _scopes.CreateAsyncScope();
        var handler = _map.Create(scope.ServiceProvider, _socket);
        foreach (var (name, method) in _map.Methods)
        {
            _socket.On(name, (ref SocketIOEventReader reader) => method.InvokeAsync(handler, method.ReadArguments(ref reader), reader.Ack));
        }

        _socket.OnDisconnect(async reason =>
        {
            await using (scope)
            {
                await handler.OnDisconnectedAsync(reason);
            }
        });
        return handler.OnConnectedAsync();
    }
}
