using System.Diagnostics;
using System.Text.Json;

namespace StickyAspire.SocketIO.Diagnostics;

/// <summary>Spans of the source <c>StickyAspire.SocketIO</c>, by OpenTelemetry's messaging conventions.</summary>
internal static class SocketIOActivity
{
    public const string SourceName = "StickyAspire.SocketIO";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsListenedTo => Source.HasListeners();

    /// <summary>The request's span, for a session that outlives it; null while nobody listens.</summary>
    public static string? RequestId => IsListenedTo ? Activity.Current?.Id : null;

    /// <summary>An event of a client, in its handlers' hands. Null where nobody samples it.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="eventName">Its name.</param>
    /// <param name="socketId">Its socket.</param>
    /// <param name="parentId">The span above it where none is current.</param>
    public static Activity? StartProcess(string @namespace, string eventName, string socketId, string? parentId) =>
        Start("process", ActivityKind.Consumer, @namespace, eventName, parentId)?.SetTag("messaging.client.id", socketId);

    /// <summary>An event on its way to many clients.</summary>
    public static Activity? StartPublish(string @namespace, string eventName) => Start("publish", ActivityKind.Producer, @namespace, eventName);

    public static void SetFailed(Activity? activity, Exception exception) =>
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception is JsonException ? "invalid_arguments" : exception.GetType().FullName);

    private static Activity? Start(string operation, ActivityKind kind, string @namespace, string eventName, string? parentId = null)
    {
        // A parent that is given counts for more than the current one, so it is given only where there is none.
        var activity = Source.StartActivity($"{operation} {@namespace}", kind, Activity.Current is null ? parentId : null);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("messaging.system", "socketio");
            activity.SetTag("messaging.operation.name", operation);
            activity.SetTag("messaging.operation.type", operation == "publish" ? "send" : operation);
            activity.SetTag("messaging.destination.name", @namespace);
            activity.SetTag("messaging.socketio.event", eventName);
        }

        return activity;
    }
}
