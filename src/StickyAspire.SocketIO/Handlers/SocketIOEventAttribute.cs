namespace StickyAspire.SocketIO;

/// <summary>Makes a method of a <see cref="SocketIOHandler"/> the handler of an event.</summary>
/// <param name="name">The event's name.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SocketIOEventAttribute(string name) : Attribute
{
    /// <summary>The event's name.</summary>
    public string Name { get; } = name;
}
