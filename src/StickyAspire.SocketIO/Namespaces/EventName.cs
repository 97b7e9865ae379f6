using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace StickyAspire.SocketIO;

/// <summary>The name of the event that an array of JSON begins with, in characters that need no string while it is short.</summary>
internal ref struct EventName
{
    private readonly int _length;
    private char[]? _rented;
    private Characters _characters;

    public EventName(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        reader.Read();
        var name = reader.ValueSpan;
        if (name.Length > Characters.Length)
        {
            _rented = ArrayPool<char>.Shared.Rent(name.Length);
        }

        var buffer = _rented ?? (Span<char>)_characters;
        if (reader.TokenType != JsonTokenType.String || !TryCopy(ref reader, buffer, out _length))
        {
            // A number; or a text with half a surrogate pair, which stays as it is written.
            Utf8.ToUtf16(name, buffer, out _, out _length);
        }
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<char> Text => _rented is null ? ((ReadOnlySpan<char>)_characters)[.._length] : _rented.AsSpan(0, _length);

    /// <summary>The name as a string.</summary>
    public static string Read(ReadOnlySpan<byte> json)
    {
        using var name = new EventName(json);
        return name.Text.ToString();
    }

    private static bool TryCopy(scoped ref Utf8JsonReader reader, scoped Span<char> buffer, out int length)
    {
        try
        {
            length = reader.CopyString(buffer);
            return true;
        }
        catch (InvalidOperationException)
        {
            length = 0;
            return false;
        }
    }

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    [InlineArray(Length)]
    private struct Characters
    {
        public const int Length = 64;

        private char _first;
    }
}
