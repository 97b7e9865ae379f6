namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>Which of a sender's latest numbers have been seen. A window of bits; what lies before it counts as not seen.</summary>
internal sealed class SeenNumbers
{
    private const int Window = 16_384;

    private readonly ulong[] _bits = new ulong[Window / 64];
    private long _highest = -1;

    /// <summary>Takes a number. False if it was there before.</summary>
    public bool Add(long number)
    {
        if (number > _highest)
        {
            if (number - _highest >= Window)
            {
                Array.Clear(_bits);
            }
            else
            {
                for (var skipped = _highest + 1; skipped < number; skipped++)
                {
                    Set(skipped, false);
                }
            }

            _highest = number;
            Set(number, true);
            return true;
        }

        if (number < 0 || number <= _highest - Window)
        {
            return true;
        }

        var seen = (_bits[number % Window / 64] >> (int)(number % 64) & 1) != 0;
        Set(number, true);
        return !seen;
    }

    private void Set(long number, bool value)
    {
        ref var word = ref _bits[number % Window / 64];
        var mask = 1UL << (int)(number % 64);
        word = value ? word | mask : word & ~mask;
    }
}
