using System.Net;
using SocketIO.Tests.Conformance.Clients;
using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Conformance;

/// <summary>The rules of the two requests that a polling session has at a time.</summary>
public sealed class EngineIoV4PollingTests(CalmTarget target)
{
    [Fact]
    public async Task Post_IsAnsweredOk()
    {
        var session = await PollingClient.OpenAsync(target);

        using var response = await session.PostAsync("4test");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(response.Headers.CacheControl?.NoStore, "Cache-Control: no-store is missing.");
    }

    [Fact]
    public async Task Poll_WaitsForAMessage()
    {
        var session = await PollingClient.OpenAsync(target);

        var poll = session.PollAsync();
        await session.SendAsync("4late");

        Assert.Equal("4late", await poll);
    }

    [Fact]
    public async Task PacketsThatWaited_ComeInOnePayload()
    {
        var session = await PollingClient.OpenAsync(target);

        await session.SendAsync("4one");
        await session.SendAsync("bAQID");
        await session.SendAsync("4two");

        Assert.Equal("4one\u001ebAQID\u001e4two", await session.PollAsync());
    }

    [Fact]
    public async Task SecondPoll_EndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);

        var polls = new[] { session.GetAsync(), session.GetAsync() };
        var responses = await Task.WhenAll(polls);

        // Which of the two the server reads first is not ours to know.
        using var first = responses.Single(r => r.StatusCode == HttpStatusCode.OK);
        using var second = responses.Single(r => r.StatusCode == HttpStatusCode.BadRequest);
        Assert.Equal("1", await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var third = await session.GetAsync();
        await EngineErrors.AssertAsync(third, 1, "Session ID unknown");
    }

    [Fact]
    public async Task SecondPost_EndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);
        var poll = await session.StartPollAsync();
        using var half = await RawRequest.StartPostAsync(session.Url, contentLength: 100, bodySoFar: "4ha");

        // The half post may arrive after one or two whole ones, but not much later.
        using var deadline = Deadline.Start();
        HttpResponseMessage response;
        do
        {
            response = await session.PostAsync("6");
        }
        while (response.StatusCode == HttpStatusCode.OK && !deadline.IsCancellationRequested);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        response.Dispose();
        using var ended = await poll;
        Assert.Equal("1", await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task AbandonedPoll_EndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);
        using var abandon = new CancellationTokenSource();

        var poll = await session.StartPollUntilAsync(abandon.Token);
        await abandon.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await poll);
        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task AbandonedPost_EndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);
        var poll = await session.StartPollAsync();

        using (await RawRequest.StartPostAsync(session.Url, contentLength: 100, bodySoFar: "4ha"))
        {
        }

        using var ended = await poll;
        Assert.Equal("1", await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task BinaryPost_IsRefusedAndEndsTheSession()
    {
        var session = await PollingClient.OpenAsync(target);

        using var response = await session.PostAsync([4, 1, 2], "application/octet-stream");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await session.UntilUnknownAsync();
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task OtherMethodOfASession_IsAnError(string method)
    {
        var session = await PollingClient.OpenAsync(target);
        using var request = new HttpRequestMessage(new HttpMethod(method), session.Url);

        using var response = await target.Http.SendAsync(request, TestContext.Current.CancellationToken);

        // Node's server answers 500; 405 says the same in HTTP's own words.
        Assert.True(response.StatusCode is HttpStatusCode.InternalServerError or HttpStatusCode.MethodNotAllowed, $"The answer is {response.StatusCode}.");
        await session.SendAsync("4still here");
        await session.ExpectAsync("4still here");
    }

    [Fact]
    public async Task InvalidPacket_EndsTheWaitingPoll()
    {
        var session = await PollingClient.OpenAsync(target);
        var poll = await session.StartPollAsync();

        using var response = await session.PostAsync("abc");

        using var ended = await poll;
        Assert.Equal("1", await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task ClosePacket_AnswersTheWaitingPollWithANoop()
    {
        var session = await PollingClient.OpenAsync(target);
        var poll = await session.StartPollAsync();

        await session.SendAsync("1");

        using var ended = await poll;
        Assert.Equal("6", await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await session.UntilUnknownAsync();
    }

    [Fact]
    public async Task ClosePacket_EndsWhatStandsBehindIt()
    {
        var session = await PollingClient.OpenAsync(target);

        await session.SendAsync("4before", "1", "4after");

        await session.UntilUnknownAsync();
    }
}
