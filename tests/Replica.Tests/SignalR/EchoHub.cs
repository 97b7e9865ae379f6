using Microsoft.AspNetCore.SignalR;

namespace Replica.Tests.SignalR;

/// <summary>Gives back what it is given.</summary>
public sealed class EchoHub : Hub
{
#pragma warning disable CA1822 // Hub methods are instance methods.
    public string Echo(string text) => text;
#pragma warning restore CA1822
}
