namespace StickyAspire.SocketIO;

/// <summary>
/// Typed event handlers. What a handler returns is the answer to a client that asked for one; without a result the client is answered
/// only through a parameter of type <see cref="SocketIOAck"/>. Missing arguments are their type's default, further ones are ignored.
/// </summary>
public static class SocketIOEventExtensions
{
    /// <summary>Handles an event without arguments.</summary>
    public static void On(this ISocketIOSocket socket, string eventName, Action handler) =>
        socket.On(eventName, (ref reader) =>
        {
            handler();
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event without arguments.</summary>
    public static void On(this ISocketIOSocket socket, string eventName, Func<Task> handler) =>
        socket.On(eventName, (ref reader) => new ValueTask(handler()));

    /// <summary>Handles an event with one argument.</summary>
    public static void On<T>(this ISocketIOSocket socket, string eventName, Action<T> handler) =>
        socket.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with one argument.</summary>
    public static void On<T>(this ISocketIOSocket socket, string eventName, Func<T, Task> handler) =>
        socket.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T>()!)));

    /// <summary>Handles an event with two arguments.</summary>
    public static void On<T1, T2>(this ISocketIOSocket socket, string eventName, Action<T1, T2> handler) =>
        socket.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T1>()!, reader.Read<T2>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with two arguments.</summary>
    public static void On<T1, T2>(this ISocketIOSocket socket, string eventName, Func<T1, T2, Task> handler) =>
        socket.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T1>()!, reader.Read<T2>()!)));

    /// <summary>Handles an event with three arguments.</summary>
    public static void On<T1, T2, T3>(this ISocketIOSocket socket, string eventName, Action<T1, T2, T3> handler) =>
        socket.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with three arguments.</summary>
    public static void On<T1, T2, T3>(this ISocketIOSocket socket, string eventName, Func<T1, T2, T3, Task> handler) =>
        socket.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!)));

    /// <summary>Handles an event with four arguments.</summary>
    public static void On<T1, T2, T3, T4>(this ISocketIOSocket socket, string eventName, Action<T1, T2, T3, T4> handler) =>
        socket.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!, reader.Read<T4>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with four arguments.</summary>
    public static void On<T1, T2, T3, T4>(this ISocketIOSocket socket, string eventName, Func<T1, T2, T3, T4, Task> handler) =>
        socket.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!, reader.Read<T4>()!)));

    /// <summary>Handles an event without arguments; the result is the answer.</summary>
    public static void On<TResult>(this ISocketIOSocket socket, string eventName, Func<TResult> handler) =>
        socket.On(eventName, (ref reader) => reader.Ack.SendAsync(handler()));

    /// <summary>Handles an event without arguments; the result is the answer.</summary>
    public static void On<TResult>(this ISocketIOSocket socket, string eventName, Func<Task<TResult>> handler) =>
        socket.On(eventName, (ref reader) => AnswerAsync(handler(), reader.Ack));

    /// <summary>Handles an event with one argument; the result is the answer.</summary>
    public static void On<T, TResult>(this ISocketIOSocket socket, string eventName, Func<T, TResult> handler) =>
        socket.On(eventName, (ref reader) => reader.Ack.SendAsync(handler(reader.Read<T>()!)));

    /// <summary>Handles an event with one argument; the result is the answer.</summary>
    public static void On<T, TResult>(this ISocketIOSocket socket, string eventName, Func<T, Task<TResult>> handler) =>
        socket.On(eventName, (ref reader) => AnswerAsync(handler(reader.Read<T>()!), reader.Ack));

    /// <summary>Handles an event with two arguments; the result is the answer.</summary>
    public static void On<T1, T2, TResult>(this ISocketIOSocket socket, string eventName, Func<T1, T2, TResult> handler) =>
        socket.On(eventName, (ref reader) => reader.Ack.SendAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!)));

    /// <summary>Handles an event with two arguments; the result is the answer.</summary>
    public static void On<T1, T2, TResult>(this ISocketIOSocket socket, string eventName, Func<T1, T2, Task<TResult>> handler) =>
        socket.On(eventName, (ref reader) => AnswerAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!), reader.Ack));

    /// <summary>Handles an event with three arguments; the result is the answer.</summary>
    public static void On<T1, T2, T3, TResult>(this ISocketIOSocket socket, string eventName, Func<T1, T2, T3, TResult> handler) =>
        socket.On(eventName, (ref reader) => reader.Ack.SendAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!)));

    /// <summary>Handles an event with three arguments; the result is the answer.</summary>
    public static void On<T1, T2, T3, TResult>(this ISocketIOSocket socket, string eventName, Func<T1, T2, T3, Task<TResult>> handler) =>
        socket.On(eventName, (ref reader) => AnswerAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!), reader.Ack));

    /// <summary>Called when the client has gone, with the reason.</summary>
    public static void OnDisconnect(this ISocketIOSocket socket, Action<string> handler) =>
        socket.OnDisconnect(reason =>
        {
            handler(reason);
            return Task.CompletedTask;
        });

    private static async ValueTask AnswerAsync<TResult>(Task<TResult> result, SocketIOAck ack) => await ack.SendAsync(await result);
}
