using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.Replica.SignalR;

/// <summary>Puts the server id in front of the token that SignalR's negotiation gives out.</summary>
internal static class NegotiateAnswer
{
    public static async Task RewriteAsync(HttpContext context, RequestDelegate next, string serverId)
    {
        var original = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var captured = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(captured));
        try
        {
            await next(context);
            await context.Response.CompleteAsync();
        }
        finally
        {
            context.Features.Set(original);
        }

        ReadOnlyMemory<byte> answer = captured.GetBuffer().AsMemory(0, (int)captured.Length);
        if (context.Response.StatusCode == StatusCodes.Status200OK && Rewrite(answer, serverId) is { } rewritten)
        {
            answer = rewritten;
        }

        context.Response.ContentLength = answer.Length;
        await original.Writer.WriteAsync(answer, context.RequestAborted);
    }

    /// <summary>The answer with the token changed, or null where it holds none.</summary>
    private static ReadOnlyMemory<byte>? Rewrite(ReadOnlyMemory<byte> answer, string serverId)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(answer);
        }
        catch (JsonException)
        {
            return null;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            // Since version 1 of the negotiation the secret token is what comes back; before, it was the connection's id.
            var name = document.RootElement.TryGetProperty("connectionToken", out _) ? "connectionToken" : "connectionId";
            var result = new ArrayBufferWriter<byte>(answer.Length + 40);
            using (var json = new Utf8JsonWriter(result))
            {
                json.WriteStartObject();
                foreach (var property in document.RootElement.EnumerateObject())
                {
                    if (property.NameEquals(name) && property.Value.GetString() is { } token)
                    {
                        json.WriteString(property.Name, ServerIdToken.Create(serverId, token));
                    }
                    else
                    {
                        property.WriteTo(json);
                    }
                }

                json.WriteEndObject();
            }

            return result.WrittenMemory;
        }
    }
}
