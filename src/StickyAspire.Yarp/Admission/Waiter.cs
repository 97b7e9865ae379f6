using Yarp.ReverseProxy.Model;

namespace StickyAspire.Yarp.Admission;

/// <summary>A request in a queue.</summary>
internal sealed class Waiter(AdmissionQueue queue, long number, bool mayLoseServer)
{
    private readonly TaskCompletionSource<(AdmissionOutcome Outcome, DestinationState? Server)> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it stands; the queue's own.</summary>
    public AdmissionQueue Queue { get; } = queue;

    /// <summary>The order of arrival, over all queues of a cluster.</summary>
    public long Number { get; } = number;

    /// <summary>Whether it goes elsewhere when its server goes down. Not where persistence is forced.</summary>
    public bool MayLoseServer { get; } = mayLoseServer;

    public LinkedListNode<Waiter>? Node { get; set; }

    public Task<(AdmissionOutcome Outcome, DestinationState? Server)> End => _end.Task;

    public void Complete(AdmissionOutcome outcome, DestinationState? server = null) => _end.TrySetResult((outcome, server));
}
