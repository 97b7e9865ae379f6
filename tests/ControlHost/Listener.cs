namespace ControlHost;

/// <summary>Someone who wants to hear of an event.</summary>
/// <param name="Callback">Where it is POSTed.</param>
/// <param name="IsOnce">Whether only the first one is.</param>
internal sealed record Listener(Uri Callback, bool IsOnce)
{
    private int _calls;

    /// <summary>Whether it is to hear of one more event.</summary>
    public bool Take() => Interlocked.Increment(ref _calls) == 1 || !IsOnce;
}
