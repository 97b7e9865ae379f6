using System.Globalization;

namespace StickyAspire.Connections;

/// <summary>The process has no place left for another connection. Not the fault of whoever it was for.</summary>
internal sealed class TooManyOpenFilesException(int limit, Exception? inner = null)
    : IOException(string.Create(CultureInfo.InvariantCulture, $"Nearly all of the {limit} files that this process may have open (ulimit -n) are open."), inner);
