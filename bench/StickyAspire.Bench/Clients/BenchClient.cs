using System.Globalization;
using System.Text;
using StickyAspire.Bench.Net;

namespace StickyAspire.Bench.Clients;

/// <summary>One client of the system under test, on whatever transport. All its callbacks run on the loop.</summary>
internal abstract class BenchClient(EventLoop loop, int port)
{
    public delegate void MessageHandler(BenchClient client, ReadOnlySpan<byte> message);

    /// <summary>Its place among the scenario's clients.</summary>
    public int Index { get; init; }

    /// <summary>The gateway's cookie, as a browser keeps it: <c>SERVERID=s2</c>.</summary>
    public string? Cookie { get; set; }

    public bool IsReady { get; private set; }

    /// <summary>When the requests that are under way were meant to be sent, oldest first.</summary>
    public Queue<long> Intended { get; } = new(1);

    /// <summary>Called when messages can be sent.</summary>
    public Action<BenchClient>? Ready { get; set; }

    /// <summary>Called with each message of the application's.</summary>
    public MessageHandler? Received { get; set; }

    /// <summary>Called when the client has lost its session, or could not get one.</summary>
    public Action<BenchClient>? Lost { get; set; }

    protected EventLoop Loop { get; } = loop;

    protected int Port { get; } = port;

    /// <summary>Begins to connect.</summary>
    public abstract void Start();

    /// <summary>Turns a message into what <see cref="Send"/> takes: a finished frame or body.</summary>
    public abstract byte[] Prepare(ReadOnlySpan<byte> message);

    public abstract void Send(byte[] prepared);

    /// <summary>Closes the connections. <see cref="Lost"/> is not called.</summary>
    public abstract void Close();

    protected void OnReady()
    {
        IsReady = true;
        Ready?.Invoke(this);
    }

    /// <summary>Why the session was lost, for whoever reads the tool's last words.</summary>
    public string LossReason { get; private set; } = "";

    protected void OnLost(string reason)
    {
        LossReason = reason;
        IsReady = false;
        Close();
        Lost?.Invoke(this);
    }

    /// <summary>Keeps the gateway's cookie.</summary>
    protected void OnAnswer(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> body)
    {
        var cookie = HttpConnection.FindHeader(headers, "Set-Cookie"u8);
        if (cookie.StartsWith("SERVERID="u8))
        {
            var end = cookie.IndexOf((byte)';');
            Cookie = Encoding.ASCII.GetString(end < 0 ? cookie : cookie[..end]);
        }
    }

    protected byte[] CreateGet(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\n{CreateHeaders()}\r\n");

    protected byte[] CreatePost(string path, ReadOnlySpan<byte> body) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\n{CreateHeaders()}Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {body.Length}\r\n\r\n")),
        .. body,
    ];

    private string CreateHeaders() => $"Host: localhost:{Port}\r\nUser-Agent: StickyAspire.Bench\r\nAccept: */*\r\n{(Cookie is null ? "" : $"Cookie: {Cookie}\r\n")}";
}
