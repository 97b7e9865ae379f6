using System.Globalization;
using System.Net.Sockets;

namespace StickyAspire.Connections;

/// <summary>
/// How full the process's table of open files is, of which every socket takes a place. The system gives each new file the lowest free number, so the number of one opened for that says how many are open.
/// It is looked at now and then, oftener as places get few. Linux only; elsewhere nothing ever counts as full.
/// </summary>
/// <param name="limit">How many files may be open at once (<c>ulimit -n</c>).</param>
internal sealed class OpenFiles(int limit)
{
    private const int MinReserve = 64;
    private const int MaxReserve = 1024;
    private const int NoLimit = int.MaxValue;
    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";
    private const string Probe = "/dev/null";

    private readonly int _reserve = Math.Clamp(limit / 64, MinReserve, MaxReserve);
    private int _count;
    private int _openedSince;

    public static OpenFiles OfThisProcess { get; } = new(ReadLimit());

    public int Limit => limit;

    /// <summary>From how many on no client is let in: what is left is for what the clients that are in have others do.</summary>
    public int FewFrom => limit - _reserve;

    /// <summary>From how many on no connection to a server is made: what is left is for checks, Redis, logs, and for the client that has been promised a place.</summary>
    private int NearlyNoneFrom => limit - (_reserve / 2);

    /// <summary>How many are open now.</summary>
    public int Count()
    {
        if (limit == NoLimit)
        {
            return 0;
        }

        var count = limit;
        try
        {
            // Not a socket's own number: a socket that has been asked for it is dearer to close.
            using var probe = File.OpenHandle(Probe);
            count = (int)probe.DangerousGetHandle();
        }
        catch (IOException)
        {
            // Not even a place for this one.
        }

        Volatile.Write(ref _openedSince, 0);
        Volatile.Write(ref _count, count);
        return count;
    }

    /// <summary>About how many are open, now that there is one more. Never more than a part of the reserve too few.</summary>
    public int CountOneMore()
    {
        var count = Volatile.Read(ref _count);
        return count >= FewFrom || Interlocked.Increment(ref _openedSince) > _reserve / 4 || count == 0 ? Count() : count;
    }

    /// <summary>Makes a socket for a connection to a server.</summary>
    /// <exception cref="TooManyOpenFilesException">There is no place for one, or soon would be none for others.</exception>
    public Socket CreateSocket(AddressFamily? family = null)
    {
        if (CountOneMore() >= NearlyNoneFrom)
        {
            throw new TooManyOpenFilesException(limit);
        }

        try
        {
            return family is { } known ? new Socket(known, SocketType.Stream, ProtocolType.Tcp) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            throw new TooManyOpenFilesException(limit, exception);
        }
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
