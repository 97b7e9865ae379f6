namespace StickyAspire.Yarp.Model;

/// <summary>How a server's latest active check ended.</summary>
/// <param name="Passed">Whether it counts as a success.</param>
/// <param name="StatusCode">The answer's status; null where there was none.</param>
/// <param name="Reason">HAProxy's short form (<c>L7OK</c>, <c>L7STS</c>, <c>L4CON</c>, <c>L4TOUT</c>, <c>L7RSP</c>).</param>
/// <param name="Detail">The reason in words, for a log line; empty for a success.</param>
/// <param name="Duration">From sending it to the answer or the failure.</param>
/// <param name="At">When it ended.</param>
internal sealed record CheckResult(bool Passed, int? StatusCode, string Reason, string Detail, TimeSpan Duration, DateTimeOffset At);
