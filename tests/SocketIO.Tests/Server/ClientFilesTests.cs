using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace SocketIO.Tests.Server;

public sealed class ClientFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public ClientFilesTests()
    {
        File.WriteAllText(Path.Combine(_directory, "socket.io.js"), "let client;");
        File.WriteAllText(Path.Combine(_directory, "socket.io.js.map"), "{}");
        File.WriteAllText(Path.Combine(_directory, "secret.js"), "secret");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Client_IsServedBesideTheEndpoint_AndNotAgainWhileItIsTheSame()
    {
        await using var server = await TestServer.StartAsync(options => options.ClientDirectory = _directory);
        using var http = new HttpClient { BaseAddress = server.Url };

        using var first = await http.GetAsync("/socket.io/socket.io.js", TestContext.Current.CancellationToken);
        Assert.Equal("let client;", await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/javascript; charset=utf-8", first.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, max-age=0", first.Headers.CacheControl!.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, "/socket.io/socket.io.js");
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));
        using var second = await http.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        using var map = await http.GetAsync("/socket.io/socket.io.js.map", TestContext.Current.CancellationToken);
        Assert.Equal("application/json; charset=utf-8", map.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("gzip;q=0.5, br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0", null)]
    public async Task Client_IsCompressed_AsTheBrowserLikesIt(string accepts, string? expected)
    {
        await using var server = await TestServer.StartAsync(options => options.ClientDirectory = _directory);
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/socket.io.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.NotNull(answer.Headers.ETag);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using var text = expected switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        Assert.Equal("let client;", await new StreamReader(text).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/socket.io/secret.js", HttpStatusCode.BadRequest)]
    [InlineData("/socket.io/..%2fsocket.io.js", HttpStatusCode.BadRequest)]
    [InlineData("/socket.io/socket.io.min.js", HttpStatusCode.NotFound)]
    public async Task NothingElse_IsServed(string path, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync(options => options.ClientDirectory = _directory);
        using var http = new HttpClient { BaseAddress = server.Url };

        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.StatusCode);
    }
}
