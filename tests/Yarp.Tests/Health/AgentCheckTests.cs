using Yarp.ReverseProxy.Model;

namespace Yarp.Tests.Health;

/// <summary>HAProxy's <c>agent-check</c>, from the answers to our own checks.</summary>
public sealed class AgentCheckTests
{
    [Theory]
    [InlineData("ready", "ready")]
    [InlineData("drain; sessions=512; weight=100; maxconn=1024", "drain; sessions=512; weight=100%; maxconn=1024")]
    [InlineData("up 75% maxconn:30", "up; weight=75%; maxconn=30")]
    [InlineData("maint,50%\t#going home", "maint; weight=50%")]
    [InlineData("stopped # up", "down")]
    [InlineData("fail", "down")]
    [InlineData("ready drain", "drain")]
    [InlineData("sessions=-1; weight=x; maxconn=; %; 99999%; DRAIN; nonsense=1", "")]
    [InlineData("sessions=99999999999", "")]
    [InlineData("", "")]
    public void AgentCheck_ReadsHAProxysWordsAndOurs(string header, string expected) => Assert.Equal(expected, StateReport.Parse(header).ToString());

    [Fact]
    public void AgentCheck_OfEndlessWords_ReadsNone() => Assert.Equal(default, StateReport.Parse(string.Join(' ', Enumerable.Repeat("drain", 100))));

    [Fact]
    public void AgentCheck_WhatIsWrittenIsRead()
    {
        var report = new StateReport(AdministrativeState.Maint, true, 0, 200, 7);

        Assert.Equal(report, StateReport.Parse(report.ToString()));
    }

    [Fact]
    public void AgentCheck_Drain_KeepsTheServerAvailable_AndReadyEndsIt()
    {
        var harness = new HealthHarness();

        Assert.Equal('d', harness.Check(true, "drain"));
        Assert.Equal(DestinationHealth.Healthy, harness.Server.Health.Active);
        Assert.False(harness.Status.TakesNewSessions);

        // As with HAProxy, what an answer does not say stays as it was.
        Assert.Equal('d', harness.Check(true, "up"));
        Assert.Equal('d', harness.Check(true));
        Assert.Equal('U', harness.Check(true, "ready"));
        Assert.True(harness.Status.TakesNewSessions);
    }

    [Fact]
    public void AgentCheck_Maint_MakesItUnavailable()
    {
        var harness = new HealthHarness();
        harness.Check(true);

        Assert.Equal('m', harness.Check(true, "maint"));
        Assert.Equal(DestinationHealth.Unhealthy, harness.Server.Health.Active);
        Assert.Equal('U', harness.Check(true, "ready"));
        Assert.Equal(DestinationHealth.Healthy, harness.Server.Health.Active);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("fail")]
    [InlineData("stopped")]
    public void AgentCheck_Down_IsDownAtOnce_UntilItSaysUp(string word)
    {
        var harness = new HealthHarness();
        harness.Check(true);

        Assert.Equal("DDDU", string.Concat(new[] { word, null, "75%", "up" }.Select(state => harness.Check(true, state))));
    }

    /// <summary>What came or went here while the check was on its way is not taken for others' sessions.</summary>
    [Theory]
    [InlineData(10, 12)]
    [InlineData(12, 10)]
    public void AgentCheck_LearnsWeightMaxconnAndLoad(int ownWhenSent, int ownWhenAnswered)
    {
        var harness = new HealthHarness();
        harness.Server.ConcurrentRequestCount = ownWhenAnswered;
        harness.Status.CheckSent = (0, ownWhenSent);

        harness.Check(true, "ready; sessions=512; weight=50%; maxconn=1024");

        var status = harness.Status;
        Assert.Equal((512, 500, 50, 1024, 0.5), (status.ReportedSessions, status.SessionsElsewhere, status.WeightPercent, status.MaxConn, status.GetEffectiveWeight(harness.Time.GetUtcNow())));
    }

    [Fact]
    public void AgentCheck_WithAFailedCheck_CountsAsWell()
    {
        var harness = new HealthHarness(("Check.Fall", "1"));
        harness.Check(true);

        harness.Check(false, "drain");

        Assert.Equal((AdministrativeState.Drain, DestinationHealth.Unhealthy), (harness.Status.Administrative, harness.Server.Health.Active));
    }
}
