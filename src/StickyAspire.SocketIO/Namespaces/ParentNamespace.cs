using System.Collections.Concurrent;
using System.Text.Json;

namespace StickyAspire.SocketIO;

/// <summary>
/// A pattern for namespaces that come into being when a client asks for one. Its middlewares and connection handlers go to every child; what is emitted
/// here reaches the clients of all children.
/// </summary>
internal sealed class ParentNamespace : SocketIONamespace
{
    private readonly Func<string, JsonElement, ValueTask<bool>> _accepts;
    private readonly ConcurrentDictionary<string, SocketIONamespace> _children = new(StringComparer.Ordinal);

    private readonly Func<string, bool> _matches;

    public ParentNamespace(SocketIOServer server, string name, Func<string, JsonElement, ValueTask<bool>> accepts, Func<string, bool> matches)
        : base(server, name, new ParentAdapterFactory())
    {
        _accepts = accepts;
        _matches = matches;
    }

    public IEnumerable<SocketIONamespace> Children => _children.Values;

    /// <summary>Whether the name is one of a pattern's; a predicate has no answer without a client.</summary>
    public bool Matches(string name) => _matches(name);

    public ValueTask<bool> AcceptsAsync(string name, JsonElement auth) => _accepts(name, auth);

    /// <summary>The child of that name, made if there is none yet, as this namespace is at that moment.</summary>
    public SocketIONamespace GetChild(string name)
    {
        var child = Server.GetOrCreate(name, created => created.Inherit(this));
        _children[name] = child;
        return child;
    }

    public void Forget(SocketIONamespace child) => _children.TryRemove(new KeyValuePair<string, SocketIONamespace>(child.Name, child));
}
