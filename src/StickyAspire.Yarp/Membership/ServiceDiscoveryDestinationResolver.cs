using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace StickyAspire.Yarp.Membership;

/// <summary>
/// Resolves addresses by service discovery and keeps the destinations' ids, since cookies and session ids carry them.
/// Where a name has several endpoints the first keeps the id, and further ones get <c>-2</c>, <c>-3</c>, …
/// </summary>
internal sealed class ServiceDiscoveryDestinationResolver(ServiceEndpointResolver resolver) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        var changes = new List<IChangeToken>();
        foreach (var (id, destination) in destinations)
        {
            var address = new Uri(destination.Address);
            var source = await resolver.GetEndpointsAsync(address.GetLeftPart(UriPartial.Authority), cancellationToken);
            changes.Add(source.ChangeToken);
            var number = 1;
            foreach (var endpoint in source.Endpoints)
            {
                var name = number == 1 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}-{number}");
                resolved[name] = destination with { Address = GetAddress(address, endpoint), Health = destination.Health };
                number++;
            }
        }

        return new ResolvedDestinationCollection(resolved, changes.Count == 0 ? null : new CompositeChangeToken(changes));
    }

    private static string GetAddress(Uri original, ServiceEndpoint endpoint)
    {
        var text = endpoint.ToString()!;
        var root = text.Contains("://", StringComparison.Ordinal) ? new Uri(text) : new Uri($"{original.Scheme}://{text}");
        return new Uri(root, original.PathAndQuery).ToString();
    }
}
