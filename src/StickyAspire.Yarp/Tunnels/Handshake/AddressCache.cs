using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>
/// The addresses of servers' names, asked for once in a while instead of for each tunnel: a name costs a thread that waits for the system's resolver, even "localhost". As HAProxy's <c>hold valid</c>, default 10 s.
/// A resolver that fails meanwhile is no reason to forget what it said.
/// </summary>
internal sealed class AddressCache(TimeProvider timeProvider)
{
    /// <summary>Names come from the configuration; a cache this large belongs to one that keeps making up new ones.</summary>
    private const int MaxNames = 1024;

    private static readonly TimeSpan HoldValid = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The addresses of a host, the one that was reached last first.</summary>
    /// <exception cref="SocketException">The name is not known, and was not in a while.</exception>
    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return ValueTask.FromResult<IPAddress[]>([address]);
        }

        var known = _entries.GetValueOrDefault(host);
        return known is { IsDoubtful: false } && timeProvider.GetElapsedTime(known.Since) < HoldValid
            ? ValueTask.FromResult(known.Addresses)
            : AskAsync(host, known, cancellationToken);
    }

    /// <summary>That address works, and is tried first from now on.</summary>
    public void Prefer(string host, IPAddress address)
    {
        if (_entries.TryGetValue(host, out var entry) && !entry.Addresses[0].Equals(address))
        {
            _entries.TryUpdate(host, entry with { Addresses = [address, .. entry.Addresses.Where(each => !each.Equals(address))] }, entry);
        }
    }

    /// <summary>None of the addresses works: the next to connect asks anew.</summary>
    public void Doubt(string host)
    {
        if (_entries.TryGetValue(host, out var entry))
        {
            _entries.TryUpdate(host, entry with { IsDoubtful = true }, entry);
        }
    }

    private async ValueTask<IPAddress[]> AskAsync(string host, Entry? known, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException) when (known is not null)
        {
            addresses = known.Addresses;
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        if (_entries.Count >= MaxNames)
        {
            _entries.Clear();
        }

        if (known is not null && addresses.Contains(known.Addresses[0]))
        {
            addresses = [known.Addresses[0], .. addresses.Where(each => !each.Equals(known.Addresses[0]))];
        }

        _entries[host] = new Entry(addresses, timeProvider.GetTimestamp());
        return addresses;
    }

    private sealed record Entry(IPAddress[] Addresses, long Since, bool IsDoubtful = false);
}
