using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StickyAspire.Gateway.Stats;

/// <summary>
/// Bounds guessing: after ten wrong passwords within a minute an address is heard no more until the minute is over, whatever it sends. All addresses of an IPv6 /64 are one.
/// </summary>
internal sealed class FailureLimiter(TimeProvider timeProvider)
{
    private const int MaxFailures = 10;
    private const int MaxAddresses = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Where more addresses guess than are remembered, they share one count: many guessers must not be better off than one.</summary>
    private static readonly IPAddress Others = IPAddress.None;

    private readonly ConcurrentDictionary<IPAddress, (int Count, long Since)> _failures = new();

    /// <summary>How long the address must wait; zero for not at all.</summary>
    public TimeSpan GetWait(IPAddress? address) =>
        _failures.TryGetValue(Find(address), out var failures) && failures.Count >= MaxFailures && timeProvider.GetElapsedTime(failures.Since) is var elapsed && elapsed < Window
            ? Window - elapsed
            : TimeSpan.Zero;

    public void Add(IPAddress? address)
    {
        var now = timeProvider.GetTimestamp();
        if (_failures.Count >= MaxAddresses)
        {
            foreach (var old in _failures.Where(each => timeProvider.GetElapsedTime(each.Value.Since, now) >= Window).ToList())
            {
                _failures.TryRemove(old);
            }
        }

        _failures.AddOrUpdate(
            Find(address),
            static (_, given) => (1, given.now),
            static (_, failures, given) => given.timeProvider.GetElapsedTime(failures.Since, given.now) < Window ? (failures.Count + 1, failures.Since) : (1, given.now),
            (now, timeProvider));
    }

    private IPAddress Find(IPAddress? address)
    {
        var group = Group(address ?? IPAddress.None);
        return _failures.Count < MaxAddresses || _failures.ContainsKey(group) ? group : Others;
    }

    private static IPAddress Group(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
