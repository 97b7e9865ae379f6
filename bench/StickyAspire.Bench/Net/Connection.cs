using System.Runtime.InteropServices;

namespace StickyAspire.Bench.Net;

/// <summary>A TCP connection to a port of this machine, driven by the loop.</summary>
internal abstract unsafe class Connection
{
    private const int NoSignal = 0x4000;

    private byte[]? _unread;
    private byte[]? _unsent;
    private bool _isConnected;

    protected Connection(EventLoop loop, int port)
    {
        Loop = loop;
        Fd = Libc.Connect(port);
        loop.Register(this);
    }

    public int Fd { get; private set; }

    public bool IsClosed => Fd < 0;

    /// <summary>Called once when the other side ends the connection, or refuses it. Not after <see cref="Close"/>.</summary>
    public Action? Closed { get; set; }

    protected EventLoop Loop { get; }

    public void Close()
    {
        if (Fd >= 0)
        {
            Loop.Forget(Fd);
            _ = Libc.Close(Fd);
            Fd = -1;
        }
    }

    public void Send(ReadOnlySpan<byte> data)
    {
        if (Fd < 0)
        {
            return;
        }

        if (_unsent is null && _isConnected)
        {
            data = data[Write(data)..];
        }

        if (!data.IsEmpty)
        {
            _unsent = [.. _unsent ?? [], .. data];
        }
    }

    public void OnEvent(uint events, byte* buffer, int size)
    {
        if ((events & Libc.Writable) != 0)
        {
            _isConnected = true;
            if (_unsent is { } unsent)
            {
                _unsent = null;
                Send(unsent);
            }
        }

        if ((events & (Libc.Readable | Libc.Error | Libc.HangUp)) != 0)
        {
            Read(buffer, size);
        }
    }

    /// <summary>Takes what has come, and returns how much of it is done with. The rest comes again, with more.</summary>
    protected abstract int OnData(ReadOnlySpan<byte> data);

    /// <summary>The other side has ended the connection.</summary>
    protected virtual void OnClosed()
    {
    }

    private void Read(byte* buffer, int size)
    {
        while (Fd >= 0)
        {
            var kept = 0;
            if (_unread is { } unread)
            {
                unread.CopyTo(new Span<byte>(buffer, size));
                kept = unread.Length;
                _unread = null;
            }

            var received = (int)Libc.Receive(Fd, buffer + kept, size - kept, 0);
            if (received <= 0)
            {
                _unread = kept > 0 ? new ReadOnlySpan<byte>(buffer, kept).ToArray() : null;
                if (received < 0 && Marshal.GetLastPInvokeError() == Libc.Again)
                {
                    return;
                }

                Close();
                OnClosed();
                Closed?.Invoke();
                return;
            }

            var length = kept + received;
            var used = OnData(new ReadOnlySpan<byte>(buffer, length));
            if (used < length && Fd >= 0)
            {
                _unread = new ReadOnlySpan<byte>(buffer + used, length - used).ToArray();
            }

            if (received < size - kept)
            {
                // Edge-triggered, and emptied: what comes now brings an event of its own.
                return;
            }
        }
    }

    private int Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            var sent = (int)Libc.Send(Fd, bytes, data.Length, NoSignal);
            return Math.Max(sent, 0);
        }
    }
}
