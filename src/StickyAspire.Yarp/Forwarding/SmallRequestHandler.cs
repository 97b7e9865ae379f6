namespace StickyAspire.Yarp.Forwarding;

/// <summary>
/// Has the head of a small request wait for its body, so that both are one write, and one read for the server. YARP sends the head at once, which a body without end needs;
/// a client of Socket.IO that polls sends hundreds of bytes in each POST.
/// </summary>
internal sealed class SmallRequestHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>In bytes. What does not fit into the buffer of <see cref="HttpClient"/> is written in pieces anyway.</summary>
    private const int MaxLength = 4096;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { Headers.ContentLength: > 0 and <= MaxLength } content)
        {
            request.Content = new SmallRequestContent(content);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
