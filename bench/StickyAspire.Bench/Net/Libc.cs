using System.Runtime.InteropServices;

namespace StickyAspire.Bench.Net;

/// <summary>The system calls that the event loop is made of. Linux only, as <c>/proc</c> is.</summary>
internal static partial class Libc
{
    public const int Again = 11;
    public const int InProgress = 115;
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint EdgeTriggered = 1u << 31;
    public const int Add = 1;
    public const int Sigkill = 9;

    private const int InternetFamily = 2;
    private const int Stream = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int Tcp = 6;
    private const int TcpNoDelay = 1;

    /// <summary>An epoll event is packed on x64 alone.</summary>
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static readonly int EventDataOffset = EventSize - 8;

    /// <summary>Opens a TCP socket that never waits, and begins to connect it to a port of this machine.</summary>
    public static unsafe int Connect(int port)
    {
        var fd = Socket(InternetFamily, Stream | NonBlocking | CloseOnExec, 0);
        if (fd < 0)
        {
            throw new IOException($"No more sockets: errno {Marshal.GetLastPInvokeError()}. Raise 'ulimit -n'.");
        }

        var one = 1;
        _ = SetSocketOption(fd, Tcp, TcpNoDelay, &one, sizeof(int));
        var address = stackalloc byte[16] { InternetFamily, 0, (byte)(port >> 8), (byte)port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
        if (Connect(fd, address, 16) < 0 && Marshal.GetLastPInvokeError() != InProgress)
        {
            var error = Marshal.GetLastPInvokeError();
            _ = Close(fd);
            throw new IOException($"Port {port} cannot be reached: errno {error}.");
        }

        return fd;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static unsafe partial nint Receive(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static unsafe partial nint Send(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int CreateEpoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static unsafe partial int ControlEpoll(int epoll, int operation, int fd, byte* @event);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    public static unsafe partial int Wait(int epoll, byte* events, int count, long* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static unsafe partial int Connect(int fd, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static unsafe partial int SetSocketOption(int fd, int level, int name, int* value, int length);
}
