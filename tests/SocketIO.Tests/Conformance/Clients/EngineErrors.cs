using System.Net;
using System.Text.Json;

namespace SocketIO.Tests.Conformance.Clients;

/// <summary>The protocol's error answers.</summary>
internal static class EngineErrors
{
    public static async Task AssertAsync(HttpResponseMessage response, int code, string message)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(code, json.RootElement.GetProperty("code").GetInt32());
        Assert.Equal(message, json.RootElement.GetProperty("message").GetString());
        Assert.Equal(2, json.RootElement.EnumerateObject().Count());
    }
}
