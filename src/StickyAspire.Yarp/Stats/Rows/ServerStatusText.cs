using System.Globalization;
using StickyAspire.Yarp.Model;
using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Stats.Rows;

/// <summary>A server's <c>status</c> in HAProxy's words: <c>UP</c>, <c>UP 2/3</c> on its way down, <c>DOWN</c>, <c>DOWN 1/2</c> on its way up, <c>DRAIN</c>, <c>MAINT</c>, <c>no check</c>.</summary>
internal static class ServerStatusText
{
    public static string Of(ServerStatus status, DestinationState destination, double weight, int rise, int fall)
    {
        if (status.Administrative == AdministrativeState.Maint)
        {
            return "MAINT";
        }

        var state = StateOf(status, destination);
        if (state == OperationalState.Down)
        {
            if (status.SaysDown)
            {
                return "DOWN (agent)";
            }

            return status.Health > 0 && status.Health < rise ? Fraction("DOWN", status.Health, rise) : "DOWN";
        }

        var drains = status.Administrative == AdministrativeState.Drain || weight == 0;
        if (state == OperationalState.Unchecked)
        {
            return drains ? "DRAIN" : "no check";
        }

        var passed = status.Health - rise + 1;
        var word = drains ? "DRAIN" : "UP";
        return passed > 0 && passed < fall ? Fraction(word, passed, fall) : word;
    }

    /// <summary>Whether a server with this status serves at least the sessions it has.</summary>
    public static bool IsUp(string status) => !status.StartsWith("DOWN", StringComparison.Ordinal) && status != "MAINT";

    /// <summary>What our policies found; where the cluster uses others, what YARP knows.</summary>
    public static OperationalState StateOf(ServerStatus status, DestinationState destination)
    {
        if (destination.Health is { Active: DestinationHealth.Unhealthy } or { Passive: DestinationHealth.Unhealthy })
        {
            return OperationalState.Down;
        }

        return status.Operational == OperationalState.Unchecked && destination.Health.Active == DestinationHealth.Healthy ? OperationalState.Up : status.Operational;
    }

    private static string Fraction(string word, int part, int whole) => string.Create(CultureInfo.InvariantCulture, $"{word} {part}/{whole}");
}
