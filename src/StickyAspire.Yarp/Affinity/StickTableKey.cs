namespace StickyAspire.Yarp.Affinity;

/// <summary>A session in a stick table.</summary>
/// <param name="ClusterId">The cluster whose sessions these are.</param>
/// <param name="Hash">XxHash128 of what the session is known by. So every entry has the same size whatever clients send, and session ids lie nowhere in the clear.</param>
public readonly record struct StickTableKey(string ClusterId, UInt128 Hash);
