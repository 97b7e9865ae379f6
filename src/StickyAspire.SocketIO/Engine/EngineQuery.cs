using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace StickyAspire.SocketIO.Engine;

/// <summary>What the query of an Engine.IO request says. Read without allocating more than the session id.</summary>
internal readonly record struct EngineQuery(int Protocol, EngineTransports Transport, string? SessionId, bool Base64Only)
{
    public static EngineQuery Parse(QueryString queryString)
    {
        // Node takes whatever is not 4 for 3, and so refuses it unless EIO3 is allowed.
        var protocol = 3;
        var transport = EngineTransports.None;
        string? sessionId = null;
        var base64Only = false;
        foreach (var pair in new QueryStringEnumerable(queryString.Value.AsMemory()))
        {
            var name = pair.EncodedName.Span;
            if (name.SequenceEqual("EIO"))
            {
                protocol = pair.DecodeValue().Span is "4" ? 4 : 3;
            }
            else if (name.SequenceEqual("transport"))
            {
                transport = pair.DecodeValue().Span switch
                {
                    "polling" => EngineTransports.Polling,
                    "websocket" => EngineTransports.WebSocket,
                    _ => EngineTransports.None,
                };
            }
            else if (name.SequenceEqual("sid"))
            {
                sessionId = pair.DecodeValue().ToString();
            }
            else if (name.SequenceEqual("b64"))
            {
                base64Only = pair.EncodedValue.Length > 0;
            }
        }

        return new EngineQuery(protocol, transport, string.IsNullOrEmpty(sessionId) ? null : sessionId, base64Only);
    }

    /// <summary>Whether a header's value keeps to the characters that HTTP allows, as Node checks them.</summary>
    public static bool IsValidHeaderValue(string value)
    {
        foreach (var character in value)
        {
            if (character != '\t' && character is < ' ' or '\x7f' or > '\xff')
            {
                return false;
            }
        }

        return true;
    }
}
