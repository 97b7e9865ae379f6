using StickyAspire.Yarp.Health;

namespace Yarp.Tests.Health;

/// <summary>HAProxy's <c>on-marked-down</c> and <c>on-marked-up</c>.</summary>
public sealed class MarkedDownTests
{
    [Fact]
    public void OnMarkedDown_ShutdownSessions_OnceForEachTimeItGoesDown()
    {
        var harness = new HealthHarness(("Check.Rise", "1"), ("Check.Fall", "2"), ("Check.OnMarkedDown", "ShutdownSessions"));
        foreach (var check in "+-+---+")
        {
            harness.Check(check == '+');
        }

        Assert.Equal(["s1"], harness.Shutdowns);
    }

    [Fact]
    public void OnMarkedDown_ShutdownSessions_WithMaintToo_NotWithDrain()
    {
        var harness = new HealthHarness(("Check.OnMarkedDown", "ShutdownSessions"));
        harness.Check(true);
        harness.Check(true, "drain");
        Assert.Empty(harness.Shutdowns);

        harness.Check(true, "maint");

        Assert.Equal(["s1"], harness.Shutdowns);
    }

    [Fact]
    public void OnMarkedDown_Unset_EndsNothing()
    {
        var harness = new HealthHarness(("Check.Fall", "1"));
        harness.Check(true);
        harness.Check(false);

        Assert.Equal('D', harness.State);
        Assert.Empty(harness.Shutdowns);
    }

    [Fact]
    public void OnMarkedUp_ShutdownBackupSessions_BringsClientsBack()
    {
        var harness = new HealthHarness(("Check.Rise", "1"), ("Check.Fall", "1"), ("Check.OnMarkedUp", "ShutdownBackupSessions"));
        harness.Check(true);
        harness.Check(false);
        Assert.Empty(harness.Shutdowns);

        harness.Check(true);

        Assert.Equal(["s2"], harness.Shutdowns);
    }
}
