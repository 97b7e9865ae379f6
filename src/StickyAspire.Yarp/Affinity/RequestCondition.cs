using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace StickyAspire.Yarp.Affinity;

/// <summary>What HAProxy's <c>if</c> with an ACL says of a request: any of some paths or headers.</summary>
internal sealed class RequestCondition
{
    /// <summary>The forms there are, for an error's text.</summary>
    public const string Allowed = "a list, separated by commas, of Path:/begin, PathEnd:.css, Header:Name or Header:Name=value";

    private const int MaxTerms = 64;

    private readonly Term[] _terms;

    private RequestCondition(Term[] terms) => _terms = terms;

    private enum TermKind
    {
        Path,
        PathEnd,
        Header,
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out RequestCondition? condition)
    {
        condition = null;
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > MaxTerms)
        {
            return false;
        }

        var terms = new Term[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var colon = parts[i].IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || colon == parts[i].Length - 1 || !TryParseKind(parts[i].AsSpan(0, colon), out var kind))
            {
                return false;
            }

            var name = parts[i][(colon + 1)..];
            var equals = kind == TermKind.Header ? name.IndexOf('=', StringComparison.Ordinal) : -1;
            terms[i] = equals < 0 ? new Term(kind, name, null) : new Term(kind, name[..equals], name[(equals + 1)..]);
            if (terms[i].Name.Length == 0 || (kind == TermKind.Path && name[0] != '/'))
            {
                return false;
            }
        }

        condition = new RequestCondition(terms);
        return true;
    }

    public bool IsMet(HttpRequest request)
    {
        foreach (var term in _terms)
        {
            var isMet = term.Kind switch
            {
                TermKind.Path => request.Path.Value?.StartsWith(term.Name, StringComparison.Ordinal) == true,
                TermKind.PathEnd => request.Path.Value?.EndsWith(term.Name, StringComparison.Ordinal) == true,
                _ => request.Headers.TryGetValue(term.Name, out var values) && (term.Value is null || values.Contains(term.Value)),
            };
            if (isMet)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryParseKind(ReadOnlySpan<char> text, out TermKind kind) => Enum.TryParse(text, ignoreCase: true, out kind) && char.IsAsciiLetter(text[0]);

    private readonly record struct Term(TermKind Kind, string Name, string? Value);
}
