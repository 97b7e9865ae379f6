namespace StickyAspire.SocketIO;

/// <summary>Answers an event. Node hands this to a handler as the last argument, a function.</summary>
public sealed class SocketIOAck
{
    private readonly Action<object?[]>? _send;
    private int _sent;

    internal SocketIOAck(Action<object?[]>? send) => _send = send;

    internal static SocketIOAck None { get; } = new(null);

    /// <summary>Whether the sender asked for an answer.</summary>
    public bool IsRequested => _send is not null;

    /// <summary>Whether an answer has been sent.</summary>
    public bool IsSent => Volatile.Read(ref _sent) != 0;

    /// <summary>Sends the answer. Does nothing if none was asked for, or one has been sent already.</summary>
    /// <param name="arguments">What the sender's callback gets.</param>
    public ValueTask SendAsync(params object?[] arguments)
    {
        Send(arguments);
        return ValueTask.CompletedTask;
    }

    internal void Send(params object?[] arguments)
    {
        if (_send is not null && Interlocked.Exchange(ref _sent, 1) == 0)
        {
            _send(arguments);
        }
    }
}
