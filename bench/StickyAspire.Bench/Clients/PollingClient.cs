using System.Text;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Clients;

/// <summary>Socket.IO over long-polling: one connection for the polls, one for the posts, as a browser has them.</summary>
internal class PollingClient(EventLoop loop, int port) : BenchClient(loop, port)
{
    private const byte Separator = 0x1e;

    private readonly Queue<byte[]> _posts = new();
    private HttpConnection? _polls;
    private HttpConnection? _sends;
    private string? _path;
    private byte[]? _poll;
    private byte[]? _post;

    /// <summary>The session, once the handshake has been answered.</summary>
    protected string? SessionId { get; private set; }

    /// <summary>Whether a poll is waiting for its answer.</summary>
    protected bool IsPolling { get; private set; }

    public override void Start()
    {
        IsPolling = true;
        OpenPolls(CreateGet("/socket.io/?EIO=4&transport=polling"));
    }

    public override byte[] Prepare(ReadOnlySpan<byte> message) => CreatePost(_path!, message);

    public override void Send(byte[] prepared)
    {
        if (_post is not null)
        {
            _posts.Enqueue(prepared);
            return;
        }

        _post = prepared;
        if (_sends is null || _sends.IsClosed)
        {
            _sends = new HttpConnection(Loop, Port) { Answered = OnPosted, Closed = OnPostsClosed };
        }

        _sends.Send(prepared);
    }

    public override void Close()
    {
        _polls?.Close();
        _sends?.Close();
    }

    /// <summary>The handshake is done.</summary>
    protected virtual void OnOpen()
    {
    }

    /// <summary>The next poll, unless the client has moved on to another transport.</summary>
    protected virtual void Poll()
    {
        IsPolling = true;
        _poll ??= CreateGet(_path!);
        if (_polls!.IsClosed)
        {
            OpenPolls(_poll);
        }
        else
        {
            _polls.Send(_poll);
        }
    }

    protected void OnPacket(ReadOnlySpan<byte> packet)
    {
        switch (packet[0])
        {
            case (byte)'2':
                Send(Prepare("3"u8));
                break;
            case (byte)'4' when packet[1] == '0':
                OnReady();
                break;
            case (byte)'4':
                Received?.Invoke(this, packet);
                break;
        }
    }

    private void OnPolled(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> body)
    {
        IsPolling = false;
        OnAnswer(status, headers, body);
        if (status != 200)
        {
            OnLost($"a poll was answered {status}");
            return;
        }

        if (SessionId is null)
        {
            // 0{"sid":"…
            var start = body.IndexOf("\"sid\":\""u8) + 7;
            SessionId = Encoding.ASCII.GetString(body.Slice(start, body[start..].IndexOf((byte)'"')));
            _path = "/socket.io/?EIO=4&transport=polling&sid=" + SessionId;
            Send(Prepare("40"u8));
            OnOpen();
            Poll();
            return;
        }

        // Before the packets are looked at: a browser polls again as soon as it has the answer.
        Poll();
        while (!body.IsEmpty)
        {
            var end = body.IndexOf(Separator);
            OnPacket(end < 0 ? body : body[..end]);
            body = end < 0 ? default : body[(end + 1)..];
        }
    }

    private void OnPosted(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> body)
    {
        _post = null;
        OnAnswer(status, headers, body);
        if (status != 200)
        {
            OnLost($"a post was answered {status}");
        }
        else if (_posts.TryDequeue(out var next))
        {
            Send(next);
        }
    }

    private void OpenPolls(byte[] request)
    {
        _polls = new HttpConnection(Loop, Port) { Answered = OnPolled, Closed = OnPollsClosed };
        _polls.Send(request);
    }

    // A connection that was used before and ends without an answer has met a server that was about to close it: browsers ask again on a new one.
    private void OnPollsClosed()
    {
        // After an upgrade nobody waits for it any more.
        if (IsPolling && SessionId is not null && _polls!.Answers > 0)
        {
            OpenPolls(_poll!);
        }
        else if (IsPolling)
        {
            OnLost("the poll's connection ended");
        }
    }

    private void OnPostsClosed()
    {
        if (_post is not { } post)
        {
            return;
        }

        if (_sends!.Answers == 0)
        {
            OnLost("the post's connection ended");
            return;
        }

        _post = null;
        Send(post);
    }
}
