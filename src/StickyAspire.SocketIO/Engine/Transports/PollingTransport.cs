using Microsoft.AspNetCore.Http;

namespace StickyAspire.SocketIO.Engine;

/// <summary>HTTP long-polling: GETs that wait for packets, and POSTs that bring them. At most one of each at a time.</summary>
internal sealed partial class PollingTransport(EngineSession session) : EngineTransport(session)
{
    private readonly Lock _gate = new();
    private EnginePacket? _lastWord;
    private volatile bool _isUpgradeRequested;

    public override string Name => "polling";

    public override bool IsWritable => Volatile.Read(ref _isWaiting);

    /// <summary>Whether the client asked for base64 instead of binary answers. Protocol 3 only; protocol 4 always uses base64.</summary>
    public bool Base64Only { get; init; }

    /// <summary>A WebSocket has come for the session, and may take over.</summary>
    public void OnUpgradeRequested() => _isUpgradeRequested = true;

    public override void Flush() => Answer(null, inline: false);

    public void AnswerWithNoop() => Answer(EnginePacket.Noop, inline: false);

    protected override void FlushInline() => Answer(null, inline: true);

    public override void Discard(EnginePacket lastWord)
    {
        HttpContext? incoming;
        lock (_gate)
        {
            _lastWord ??= lastWord;
            incoming = Session.IsOver ? _incoming : null;
        }

        Answer(lastWord, inline: false);

        // Nobody waits for the rest of its body, however slowly it comes.
        incoming?.Abort();
    }
}
