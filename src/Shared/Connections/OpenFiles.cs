using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace StickyAspire.Connections;

/// <summary>
/// How full the process's table of open files is, of which every socket takes a place. The system gives each new one the lowest free number, so that number says how many are open at least, for nothing.
/// Linux only; elsewhere nothing ever counts as full.
/// </summary>
/// <param name="limit">How many files may be open at once (<c>ulimit -n</c>).</param>
internal sealed class OpenFiles(int limit)
{
    private const int MinReserve = 16;
    private const int MaxReserve = 1024;
    private const int NoLimit = int.MaxValue;
    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";

    private readonly int _reserve = Math.Clamp(limit / 8, MinReserve, MaxReserve);

    public static OpenFiles OfThisProcess { get; } = new(ReadLimit());

    public int Limit => limit;

    /// <summary>From how many on no client is let in: what is left is for what the clients that are in have others do.</summary>
    public int FewFrom => limit - _reserve;

    /// <summary>How many files are open at least.</summary>
    public static long NumberOf(SafeHandle handle) => handle.DangerousGetHandle();

    /// <summary>Whether there is no place for more clients, now that this one has been given a place.</summary>
    public bool AreFew(SafeHandle newest) => NumberOf(newest) >= FewFrom;

    /// <summary>Whether there is no place for more connections to servers: what is left is for checks, Redis, logs, and for the client whose place has been promised.</summary>
    public bool AreNearlyGone(SafeHandle newest) => NumberOf(newest) >= limit - (_reserve / 2);

    /// <summary>Whether there is no place for more clients. Opens a file to find out.</summary>
    public bool AreFew()
    {
        try
        {
            using var probe = File.OpenHandle("/dev/null");
            return AreFew(probe);
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Makes a socket for a connection to a server.</summary>
    /// <exception cref="TooManyOpenFilesException">There is no place for one, or soon would be none for others.</exception>
    public Socket CreateSocket(AddressFamily? family = null)
    {
        Socket socket;
        try
        {
            socket = family is { } known ? new Socket(known, SocketType.Stream, ProtocolType.Tcp) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            throw new TooManyOpenFilesException(limit, exception);
        }

        if (AreNearlyGone(socket.SafeHandle))
        {
            socket.Dispose();
            throw new TooManyOpenFilesException(limit);
        }

        return socket;
    }

    /// <summary>The limit in force; .NET has raised it as far as it may when it started.</summary>
    private static int ReadLimit()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(LimitsFile))
        {
            return NoLimit;
        }

        var line = File.ReadLines(LimitsFile).FirstOrDefault(line => line.StartsWith(LimitName, StringComparison.Ordinal)) ?? "";
        var words = line[Math.Min(LimitName.Length, line.Length)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [var soft, ..] && int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : NoLimit;
    }
}
