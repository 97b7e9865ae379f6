using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.SocketIO;

/// <summary>A connection's sockets by namespace. Nearly every connection has one, so the first needs no dictionary. Guarded by the connection.</summary>
internal struct SocketMap
{
    private SocketIOSocket? _only;
    private Dictionary<string, SocketIOSocket>? _all;

    public readonly int Count => _all?.Count ?? (_only is null ? 0 : 1);

    public readonly IReadOnlyCollection<SocketIOSocket> Values => _all is not null ? _all.Values : _only is null ? [] : [_only];

    public readonly bool TryGetValue(string name, [MaybeNullWhen(false)] out SocketIOSocket socket)
    {
        if (_all is not null)
        {
            return _all.TryGetValue(name, out socket);
        }

        socket = _only?.Nsp.Name == name ? _only : null;
        return socket is not null;
    }

    public void Add(string name, SocketIOSocket socket)
    {
        if (_all is null && _only is null)
        {
            _only = socket;
            return;
        }

        if (_all is null)
        {
            _all = new Dictionary<string, SocketIOSocket>(StringComparer.Ordinal) { [_only!.Nsp.Name] = _only };
            _only = null;
        }

        _all.Add(name, socket);
    }

    public void Remove(string name)
    {
        if (_all is not null)
        {
            _all.Remove(name);
        }
        else if (_only?.Nsp.Name == name)
        {
            _only = null;
        }
    }
}
