namespace StickyAspire.SocketIO.Serialization;

/// <summary>
/// The attachments of the packet that this thread is reading or writing. JSON converters are shared and stateless, and
/// System.Text.Json works synchronously, so a thread's own slot is where they can find the packet they work for.
/// </summary>
internal static class AttachmentScope
{
    [ThreadStatic]
    private static List<ReadOnlyMemory<byte>>? t_written;

    [ThreadStatic]
    private static ReadOnlyMemory<byte>[]? t_read;

    /// <summary>Attachments of the packet being written. Null outside of a packet, where bytes are base64 as usual in JSON.</summary>
    public static List<ReadOnlyMemory<byte>>? Written
    {
        get => t_written;
        set => t_written = value;
    }

    /// <summary>Attachments of the packet being read, or null.</summary>
    public static ReadOnlyMemory<byte>[]? Read
    {
        get => t_read;
        set => t_read = value;
    }
}
