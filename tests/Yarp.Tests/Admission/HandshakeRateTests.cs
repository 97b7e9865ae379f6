using System.Net;
using Microsoft.Extensions.Time.Testing;
using Yarp.Tests.Environment;

namespace Yarp.Tests.Admission;

/// <summary>How many sessions may begin in a second: at a server, and from an address.</summary>
public sealed class HandshakeRateTests : GatewayTest
{
    [Fact]
    public async Task HandshakeRate_OfServers_Answers503WithRetryAfter_AndSessionsGoOn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var gateway = await StartAsync(ClusterSettings.With("Admission.HandshakeRate=2"), time);

        var answers = new List<Answer>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(await gateway.Client.SendAsync());
        }

        Assert.Equal(6, answers.Count(each => each.Status == HttpStatusCode.OK));
        Assert.Equal([2, 2, 2], Upstreams.Select(each => each.Total));
        Assert.All(answers.Where(each => each.Status != HttpStatusCode.OK), each => Assert.InRange(each.RetryAfter!.Value, 1, 5));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Status);
        Assert.Equal("s1", (await gateway.Client.SendAsync("/?sid=s1.abc")).Server);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("s1", (await gateway.Client.SendAsync(cookie: "SERVERID=s1")).Server);
    }

    [Fact]
    public async Task ClientHandshakeRate_StopsOneAddress_AndSessionsGoOn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var gateway = await StartAsync(ClusterSettings.With("Admission.ClientHandshakeRate=3"), time);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            statuses.Add((await gateway.Client.SendAsync()).Status);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable], statuses);
        Assert.Equal("s2", (await gateway.Client.SendAsync("/?sid=s2.abc")).Server);

        time.Advance(TimeSpan.FromMilliseconds(334));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.SendAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.SendAsync()).Status);
    }
}
