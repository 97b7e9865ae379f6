using System.Globalization;

namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>
/// Where a client stopped, as its offset says: it has seen all up to a place in the stream. And, when its server delivered entries of its own before they had a place, those up to a number:
/// <c>1764068400000-0+0123456789abcdef.42</c>, which Node's servers take for none of theirs and answer with a new session.
/// </summary>
/// <param name="Place">The place.</param>
/// <param name="Uid">The server that delivered early, or null.</param>
/// <param name="Number">Up to which of its numbers.</param>
internal readonly record struct ResumePoint(StreamId Place, string? Uid = null, long Number = 0)
{
    private const int MaxUidLength = 32;

    public static bool TryParse(string? text, out ResumePoint point)
    {
        point = default;
        if (text is null)
        {
            return false;
        }

        var plus = text.IndexOf('+', StringComparison.Ordinal);
        if (!StreamId.TryParse(plus < 0 ? text : text[..plus], out var place))
        {
            return false;
        }

        point = new ResumePoint(place);
        if (plus < 0)
        {
            return true;
        }

        var dot = text.IndexOf('.', plus);
        if (dot <= plus + 1 || dot - plus > MaxUidLength || !long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        point = new ResumePoint(place, text[(plus + 1)..dot], number);
        return true;
    }

    public override string ToString() => Uid is null ? Place.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Place}+{Uid}.{Number}");
}
