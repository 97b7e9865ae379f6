namespace StickyAspire.Replica;

/// <summary>
/// Counts sessions that requests in progress do not show: a polling client is between two requests now and then. Register any number; a replica's load is the sum of theirs and of the requests in
/// progress on all endpoints but those marked with <c>WithOwnLoadCount</c>.
/// </summary>
public interface ILoadSource
{
    /// <summary>How many sessions there are now. Called with every health check, so it should be a number that is there already.</summary>
    int Sessions { get; }
}
