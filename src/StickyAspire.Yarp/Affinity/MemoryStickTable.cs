using System.Collections.Concurrent;

namespace StickyAspire.Yarp.Affinity;

/// <summary>Stick tables in this gateway's memory, one for each cluster. Finding an entry takes constant time and allocates nothing.</summary>
internal sealed class MemoryStickTable(TimeProvider timeProvider) : IStickTable
{
    private readonly ConcurrentDictionary<string, Table> _tables = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many entries a cluster has, expired ones that nobody has looked for since included.</summary>
    public int Count(string clusterId) => _tables.TryGetValue(clusterId, out var table) ? table.Count : 0;

    public ValueTask<string?> FindAsync(StickTableKey key, StickTableLimits limits, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_tables.TryGetValue(key.ClusterId, out var table) ? table.Find(key.Hash, limits, timeProvider) : null);

    public ValueTask StoreAsync(StickTableKey key, string serverId, StickTableLimits limits, CancellationToken cancellationToken)
    {
        _tables.GetOrAdd(key.ClusterId, static _ => new Table()).Store(key.Hash, serverId, limits, timeProvider);
        return ValueTask.CompletedTask;
    }

    private sealed class Table
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<UInt128, LinkedListNode<Entry>> _entries = [];

        // In the order of their last use, so that the first is both the one to expire next and the one to make room.
        private readonly LinkedList<Entry> _order = new();

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _entries.Count;
                }
            }
        }

        public string? Find(UInt128 key, StickTableLimits limits, TimeProvider timeProvider)
        {
            var now = timeProvider.GetTimestamp();
            lock (_gate)
            {
                if (!_entries.TryGetValue(key, out var node))
                {
                    return null;
                }

                if (timeProvider.GetElapsedTime(node.Value.UsedAt, now) >= limits.Expire)
                {
                    Remove(node);
                    return null;
                }

                Touch(node, now);
                return node.Value.ServerId;
            }
        }

        public void Store(UInt128 key, string serverId, StickTableLimits limits, TimeProvider timeProvider)
        {
            var now = timeProvider.GetTimestamp();
            lock (_gate)
            {
                if (_entries.TryGetValue(key, out var node))
                {
                    node.ValueRef.ServerId = serverId;
                    Touch(node, now);
                    return;
                }

                while (_order.First is { } oldest && (_entries.Count >= limits.Size || timeProvider.GetElapsedTime(oldest.Value.UsedAt, now) >= limits.Expire))
                {
                    Remove(oldest);
                }

                _entries[key] = _order.AddLast(new Entry { Key = key, ServerId = serverId, UsedAt = now });
            }
        }

        private void Touch(LinkedListNode<Entry> node, long now)
        {
            node.ValueRef.UsedAt = now;
            _order.Remove(node);
            _order.AddLast(node);
        }

        private void Remove(LinkedListNode<Entry> node)
        {
            _entries.Remove(node.Value.Key);
            _order.Remove(node);
        }
    }

    private struct Entry
    {
        public UInt128 Key;
        public string ServerId;
        public long UsedAt;
    }
}
