using StickyAspire.SocketIO;

namespace ControlHost;

internal static class Pending
{
    public static Task<IReadOnlyCollection<string>> FetchRoomsAsync(this ISocketIONamespace nsp) => throw new NotSupportedException("Not yet." + nsp.Name);

    public static ValueTask<int> ServerCountAsync(this ISocketIONamespace nsp) => throw new NotSupportedException("Not yet." + nsp.Name);
}
