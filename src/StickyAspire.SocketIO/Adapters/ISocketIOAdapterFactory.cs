namespace StickyAspire.SocketIO.Adapters;

/// <summary>Makes the adapter of each namespace. Node's <c>adapter</c> option.</summary>
public interface ISocketIOAdapterFactory
{
    /// <summary>The adapter of a new namespace.</summary>
    /// <param name="host">The namespace, as adapters see it.</param>
    SocketIOAdapter Create(ISocketIOAdapterHost host);
}
