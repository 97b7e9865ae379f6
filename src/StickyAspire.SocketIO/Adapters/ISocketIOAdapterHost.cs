namespace StickyAspire.SocketIO.Adapters;

/// <summary>A namespace, as its adapter sees it.</summary>
public interface ISocketIOAdapterHost
{
    /// <summary>The namespace's name, with its slash.</summary>
    string Name { get; }
}
