using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO;

/// <summary>Listeners of every event. Swapped whole, so that a call in progress sees the listeners of one moment.</summary>
internal sealed class CatchAllListeners
{
    private volatile Action<string, SocketIOPayload>[] _listeners = [];

    public bool IsEmpty => _listeners.Length == 0;

    public IReadOnlyList<Action<string, SocketIOPayload>> Listeners => _listeners;

    public void Add(Action<string, SocketIOPayload> listener, bool first)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (this)
        {
            _listeners = first ? [listener, .. _listeners] : [.. _listeners, listener];
        }
    }

    public void Remove(Action<string, SocketIOPayload>? listener)
    {
        lock (this)
        {
            _listeners = listener is null ? [] : [.. _listeners.Where(each => each != listener)];
        }
    }

    public void Call(string eventName, SocketIOPayload payload)
    {
        foreach (var listener in _listeners)
        {
            listener(eventName, payload);
        }
    }
}
