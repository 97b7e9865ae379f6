using Yarp.Tests.Environment;

namespace Yarp.Tests.Parity;

/// <summary>HAProxy or our gateway, in front of the same kind of servers.</summary>
internal interface IBalancer : IAsyncDisposable
{
    string Name { get; }

    int Port { get; }

    Client Client { get; }

    /// <summary>Waits until it takes the server for up, or for down.</summary>
    Task WaitForAsync(string serverId, bool isUp);

    /// <summary>How many requests wait, for that server or for any.</summary>
    Task<int> QueuedAsync(string? serverId);
}
