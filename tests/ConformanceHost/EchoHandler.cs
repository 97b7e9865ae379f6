using System.Text;
using StickyAspire.SocketIO.Engine;

/// <summary>Sends every message back.</summary>
internal sealed class EchoHandler(EngineSession session) : IEngineSessionHandler
{
    public ValueTask OnMessageAsync(ReadOnlyMemory<byte> data, bool isBinary)
    {
        if (isBinary)
        {
            session.Send(data);
        }
        else
        {
            session.Send(Encoding.UTF8.GetString(data.Span));
        }

        return ValueTask.CompletedTask;
    }

    public void OnClosed(string reason)
    {
    }
}
