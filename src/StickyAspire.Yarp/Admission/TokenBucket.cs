namespace StickyAspire.Yarp.Admission;

/// <summary>So many in a second, on average; as many at once.</summary>
internal struct TokenBucket
{
    private double _tokens;
    private long _filledAt;
    private bool _isUsed;

    /// <summary>Whether one is there to take.</summary>
    public bool Has(int rate, long now, TimeProvider timeProvider)
    {
        if (!_isUsed)
        {
            _isUsed = true;
            _tokens = rate;
            _filledAt = now;
        }

        _tokens = Math.Min(rate, _tokens + (timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds * rate));
        _filledAt = now;
        return _tokens >= 1;
    }

    /// <summary>Takes one that <see cref="Has"/> found.</summary>
    public void Take() => _tokens--;

    /// <summary>Whether it is full, and so as good as a new one.</summary>
    public readonly bool IsFull(int rate, long now, TimeProvider timeProvider) => !_isUsed || _tokens + (timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds * rate) >= rate;
}
