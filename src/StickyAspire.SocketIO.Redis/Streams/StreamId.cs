using System.Globalization;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>An entry's place in a stream: <c>milliseconds-sequence</c>.</summary>
internal readonly record struct StreamId(ulong Milliseconds, ulong Sequence) : IComparable<StreamId>
{
    /// <summary>Before the first entry.</summary>
    public static readonly StreamId Zero;

    /// <summary>The longest that there can be: two numbers of 20 digits.</summary>
    private const int MaxLength = 41;

    public StreamId Next => Sequence == ulong.MaxValue ? new StreamId(Milliseconds + 1, 0) : this with { Sequence = Sequence + 1 };

    /// <summary>The place right before; there is none before <see cref="Zero"/>.</summary>
    public StreamId Previous => Sequence == 0 ? new StreamId(Milliseconds - 1, ulong.MaxValue) : this with { Sequence = Sequence - 1 };

    public static bool operator <(StreamId left, StreamId right) => left.CompareTo(right) < 0;

    public static bool operator >(StreamId left, StreamId right) => left.CompareTo(right) > 0;

    public static bool operator <=(StreamId left, StreamId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StreamId left, StreamId right) => left.CompareTo(right) >= 0;

    public static bool TryParse(string? text, out StreamId id)
    {
        id = default;
        if (text is null || text.Length > MaxLength || text.IndexOf('-', StringComparison.Ordinal) is not (> 0 and var dash)
            || !ulong.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || !ulong.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        id = new StreamId(milliseconds, sequence);
        return true;
    }

    public int CompareTo(StreamId other) => Milliseconds != other.Milliseconds ? Milliseconds.CompareTo(other.Milliseconds) : Sequence.CompareTo(other.Sequence);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");
}
