namespace StickyAspire.SocketIO;

/// <summary>Handlers by event name. Swapped whole, so that a dispatch in progress sees the handlers of one moment.</summary>
internal sealed class EventHandlers
{
    private volatile Dictionary<string, SocketIOEventHandler[]>? _handlers;

    public void Add(string eventName, SocketIOEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (this)
        {
            var handlers = _handlers is null ? new Dictionary<string, SocketIOEventHandler[]>(StringComparer.Ordinal) : new(_handlers, StringComparer.Ordinal);
            handlers[eventName] = handlers.TryGetValue(eventName, out var existing) ? [.. existing, handler] : [handler];
            _handlers = handlers;
        }
    }

    public void Remove(string eventName)
    {
        lock (this)
        {
            if (_handlers is not null)
            {
                var handlers = new Dictionary<string, SocketIOEventHandler[]>(_handlers, StringComparer.Ordinal);
                handlers.Remove(eventName);
                _handlers = handlers;
            }
        }
    }

    /// <summary>The handlers of the event that an array of JSON begins with, found without making a string of its name.</summary>
    public SocketIOEventHandler[] Find(ReadOnlySpan<byte> json)
    {
        if (_handlers is not { } handlers)
        {
            return [];
        }

        using var name = new EventName(json);
        return handlers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name.Text, out var found) ? found : [];
    }
}
