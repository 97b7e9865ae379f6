using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.SocketIO;

/// <summary>A socket's data. Tells whoever keeps the session of each change made through it; what changes inside a value it cannot see. Safe for use by several threads.</summary>
/// <param name="initial">What is in it from the start.</param>
/// <param name="onChanged">Called after each change with its key, under no lock.</param>
internal sealed class SocketData(IEnumerable<KeyValuePair<string, object?>> initial, Action<string> onChanged) : IDictionary<string, object?>
{
    private readonly Dictionary<string, object?> _values = new(initial, StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_values)
            {
                return _values.Count;
            }
        }
    }

    public bool IsReadOnly => false;

    public ICollection<string> Keys => [.. Snapshot().Keys];

    public ICollection<object?> Values => [.. Snapshot().Values];

    public object? this[string key]
    {
        get
        {
            lock (_values)
            {
                return _values[key];
            }
        }

        set
        {
            lock (_values)
            {
                _values[key] = value;
            }

            onChanged(key);
        }
    }

    public Dictionary<string, object?> Snapshot()
    {
        lock (_values)
        {
            return new Dictionary<string, object?>(_values, StringComparer.Ordinal);
        }
    }

    public void Add(string key, object? value)
    {
        lock (_values)
        {
            _values.Add(key, value);
        }

        onChanged(key);
    }

    public void Add(KeyValuePair<string, object?> item) => Add(item.Key, item.Value);

    public bool Remove(string key)
    {
        bool removed;
        lock (_values)
        {
            removed = _values.Remove(key);
        }

        if (removed)
        {
            onChanged(key);
        }

        return removed;
    }

    public bool Remove(KeyValuePair<string, object?> item) => Contains(item) && Remove(item.Key);

    public void Clear()
    {
        foreach (var key in Keys)
        {
            Remove(key);
        }
    }

    public bool ContainsKey(string key)
    {
        lock (_values)
        {
            return _values.ContainsKey(key);
        }
    }

    public bool Contains(KeyValuePair<string, object?> item) => TryGetValue(item.Key, out var value) && Equals(value, item.Value);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        lock (_values)
        {
            return _values.TryGetValue(key, out value);
        }
    }

    public void CopyTo(KeyValuePair<string, object?>[] array, int arrayIndex) => ((ICollection<KeyValuePair<string, object?>>)Snapshot()).CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => Snapshot().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
