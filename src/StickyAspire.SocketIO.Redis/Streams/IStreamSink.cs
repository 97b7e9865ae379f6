namespace StickyAspire.SocketIO.Redis.Streams;

/// <summary>Who gets what is read from a stream.</summary>
internal interface IStreamSink
{
    /// <summary>The next entry.</summary>
    ValueTask OnEntryAsync(StreamEntry entry);

    /// <summary>Nothing is read for now.</summary>
    void OnReadingFailed();

    /// <summary>Entries were trimmed before they were read.</summary>
    void OnEventsMissed();
}
