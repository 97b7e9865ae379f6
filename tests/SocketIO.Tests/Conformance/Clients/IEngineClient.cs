namespace SocketIO.Tests.Conformance.Clients;

/// <summary>An Engine.IO session as its client sees it: packets in the text form of the polling transport, binary ones as <c>b</c> and base64.</summary>
internal interface IEngineClient : IAsyncDisposable
{
    string Sid { get; }

    Task SendAsync(params string[] packets);

    /// <summary>The next packet that is no ping; pings are answered. Null when the session has ended.</summary>
    Task<string?> NextAsync();
}
