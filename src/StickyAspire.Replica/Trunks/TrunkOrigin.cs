using System.Net;
using Microsoft.AspNetCore.Http;

namespace StickyAspire.Replica;

/// <summary>The connection that a trunk came by, whose ends are those of all its streams.</summary>
/// <param name="Id">Kestrel's name for it.</param>
/// <param name="Local">Where it came to.</param>
/// <param name="Remote">Where the gateway is.</param>
internal sealed record TrunkOrigin(string Id, EndPoint? Local, EndPoint? Remote)
{
    public static TrunkOrigin Of(ConnectionInfo connection) => new(
        connection.Id,
        connection.LocalIpAddress is { } local ? new IPEndPoint(local, connection.LocalPort) : null,
        connection.RemoteIpAddress is { } remote ? new IPEndPoint(remote, connection.RemotePort) : null);
}
