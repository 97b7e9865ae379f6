namespace StickyAspire.SocketIO;

/// <summary>
/// Typed event handlers. What a handler returns is the answer to a client that asked for one; without a result the client is answered
/// only through a parameter of type <see cref="SocketIOAck"/>. Missing arguments are their type's default, further ones are ignored.
/// </summary>
public static class SocketIOEventExtensions
{
    /// <summary>Handles an event without arguments.</summary>
    public static void On(this ISocketIOEventSource source, string eventName, Action handler) =>
        source.On(eventName, (ref reader) =>
        {
            handler();
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event without arguments.</summary>
    public static void On(this ISocketIOEventSource source, string eventName, Func<Task> handler) =>
        source.On(eventName, (ref reader) => new ValueTask(handler()));

    /// <summary>Handles an event with one argument.</summary>
    public static void On<T>(this ISocketIOEventSource source, string eventName, Action<T> handler) =>
        source.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with one argument.</summary>
    public static void On<T>(this ISocketIOEventSource source, string eventName, Func<T, Task> handler) =>
        source.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T>()!)));

    /// <summary>Handles an event with two arguments.</summary>
    public static void On<T1, T2>(this ISocketIOEventSource source, string eventName, Action<T1, T2> handler) =>
        source.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T1>()!, reader.Read<T2>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with two arguments.</summary>
    public static void On<T1, T2>(this ISocketIOEventSource source, string eventName, Func<T1, T2, Task> handler) =>
        source.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T1>()!, reader.Read<T2>()!)));

    /// <summary>Handles an event with three arguments.</summary>
    public static void On<T1, T2, T3>(this ISocketIOEventSource source, string eventName, Action<T1, T2, T3> handler) =>
        source.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with three arguments.</summary>
    public static void On<T1, T2, T3>(this ISocketIOEventSource source, string eventName, Func<T1, T2, T3, Task> handler) =>
        source.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!)));

    /// <summary>Handles an event with four arguments.</summary>
    public static void On<T1, T2, T3, T4>(this ISocketIOEventSource source, string eventName, Action<T1, T2, T3, T4> handler) =>
        source.On(eventName, (ref reader) =>
        {
            handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!, reader.Read<T4>()!);
            return ValueTask.CompletedTask;
        });

    /// <summary>Handles an event with four arguments.</summary>
    public static void On<T1, T2, T3, T4>(this ISocketIOEventSource source, string eventName, Func<T1, T2, T3, T4, Task> handler) =>
        source.On(eventName, (ref reader) => new ValueTask(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!, reader.Read<T4>()!)));

    /// <summary>Handles an event without arguments; the result is the answer.</summary>
    public static void On<TResult>(this ISocketIOEventSource source, string eventName, Func<TResult> handler) =>
        source.On(eventName, (ref reader) => reader.Ack.SendAsync(handler()));

    /// <summary>Handles an event without arguments; the result is the answer.</summary>
    public static void On<TResult>(this ISocketIOEventSource source, string eventName, Func<Task<TResult>> handler) =>
        source.On(eventName, (ref reader) => AnswerAsync(handler(), reader.Ack));

    /// <summary>Handles an event with one argument; the result is the answer.</summary>
    public static void On<T, TResult>(this ISocketIOEventSource source, string eventName, Func<T, TResult> handler) =>
        source.On(eventName, (ref reader) => reader.Ack.SendAsync(handler(reader.Read<T>()!)));

    /// <summary>Handles an event with one argument; the result is the answer.</summary>
    public static void On<T, TResult>(this ISocketIOEventSource source, string eventName, Func<T, Task<TResult>> handler) =>
        source.On(eventName, (ref reader) => AnswerAsync(handler(reader.Read<T>()!), reader.Ack));

    /// <summary>Handles an event with two arguments; the result is the answer.</summary>
    public static void On<T1, T2, TResult>(this ISocketIOEventSource source, string eventName, Func<T1, T2, TResult> handler) =>
        source.On(eventName, (ref reader) => reader.Ack.SendAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!)));

    /// <summary>Handles an event with two arguments; the result is the answer.</summary>
    public static void On<T1, T2, TResult>(this ISocketIOEventSource source, string eventName, Func<T1, T2, Task<TResult>> handler) =>
        source.On(eventName, (ref reader) => AnswerAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!), reader.Ack));

    /// <summary>Handles an event with three arguments; the result is the answer.</summary>
    public static void On<T1, T2, T3, TResult>(this ISocketIOEventSource source, string eventName, Func<T1, T2, T3, TResult> handler) =>
        source.On(eventName, (ref reader) => reader.Ack.SendAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!)));

    /// <summary>Handles an event with three arguments; the result is the answer.</summary>
    public static void On<T1, T2, T3, TResult>(this ISocketIOEventSource source, string eventName, Func<T1, T2, T3, Task<TResult>> handler) =>
        source.On(eventName, (ref reader) => AnswerAsync(handler(reader.Read<T1>()!, reader.Read<T2>()!, reader.Read<T3>()!), reader.Ack));

    /// <summary>Called when the client has gone, with the reason.</summary>
    public static void OnDisconnect(this ISocketIOSocket socket, Action<string> handler) =>
        socket.OnDisconnect(reason =>
        {
            handler(reason);
            return Task.CompletedTask;
        });

    private static async ValueTask AnswerAsync<TResult>(Task<TResult> result, SocketIOAck ack) => await ack.SendAsync(await result);
}
