using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.SocketIO;

/// <summary>A namespace's sockets as its users see them; a view, not a copy.</summary>
internal sealed class SocketView(ConcurrentDictionary<string, SocketIOSocket> sockets) : IReadOnlyDictionary<string, ISocketIOSocket>
{
    public ISocketIOSocket this[string key] => sockets[key];

    public IEnumerable<string> Keys => sockets.Keys;

    public IEnumerable<ISocketIOSocket> Values => sockets.Values;

    public int Count => sockets.Count;

    public bool ContainsKey(string key) => sockets.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out ISocketIOSocket value)
    {
        var found = sockets.TryGetValue(key, out var socket);
        value = socket;
        return found;
    }

    public IEnumerator<KeyValuePair<string, ISocketIOSocket>> GetEnumerator()
    {
        foreach (var (id, socket) in sockets)
        {
            yield return new KeyValuePair<string, ISocketIOSocket>(id, socket);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
