using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.SocketIO.Admin;

/// <summary>A socket's data where somebody wants to see it change. A change within a value, rather than of one, cannot be seen.</summary>
internal sealed class ObservedData(SocketIOSocket socket, ISocketIOObserver observer, Dictionary<string, object?> data) : IDictionary<string, object?>
{
    public int Count => data.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => data.Keys;

    public ICollection<object?> Values => data.Values;

    public object? this[string key]
    {
        get => data[key];
        set
        {
            data[key] = value;
            observer.OnDataChanged(socket, key);
        }
    }

    public void Add(string key, object? value)
    {
        data.Add(key, value);
        observer.OnDataChanged(socket, key);
    }

    public void Add(KeyValuePair<string, object?> item) => Add(item.Key, item.Value);

    public void Clear()
    {
        foreach (var key in data.Keys.ToArray())
        {
            Remove(key);
        }
    }

    public bool Contains(KeyValuePair<string, object?> item) => data.Contains(item);

    public bool ContainsKey(string key) => data.ContainsKey(key);

    public void CopyTo(KeyValuePair<string, object?>[] array, int arrayIndex) => ((ICollection<KeyValuePair<string, object?>>)data).CopyTo(array, arrayIndex);

    public bool Remove(string key)
    {
        var wasThere = data.Remove(key);
        if (wasThere)
        {
            observer.OnDataChanged(socket, key);
        }

        return wasThere;
    }

    public bool Remove(KeyValuePair<string, object?> item) => Contains(item) && Remove(item.Key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value) => data.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => data.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
