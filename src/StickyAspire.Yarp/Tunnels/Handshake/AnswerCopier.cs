using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace StickyAspire.Yarp.Tunnels.Handshake;

/// <summary>Passes on the body of a server's refusal.</summary>
internal static class AnswerCopier
{
    private const int BufferSize = 4096;

    /// <returns>What went wrong, or null.</returns>
    public static async Task<(ForwarderError Error, Exception Exception)?> CopyAsync(
        UpgradeRequest upgrade, HttpResponseMessage response, CancellationTokenSource timeout, CancellationToken ended)
    {
        var context = upgrade.Context;
        if (upgrade.Config.AllowResponseBuffering != true)
        {
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var error = ForwarderError.ResponseBodyDestination;
        try
        {
            var body = await response.Content.ReadAsStreamAsync(ended);
            while (true)
            {
                error = ForwarderError.ResponseBodyDestination;
                var count = await body.ReadAsync(buffer, ended);
                if (count == 0)
                {
                    return null;
                }

                if (upgrade.Config.ActivityTimeout is { } limit)
                {
                    timeout.CancelAfter(limit);
                }

                error = ForwarderError.ResponseBodyClient;
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), ended);
            }
        }
        catch (Exception exception)
        {
            if (context.Response.HasStarted)
            {
                // Half an answer must not look like a whole one.
                context.Abort();
            }
            else
            {
                context.Response.Clear();
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
            }

            return (exception is OperationCanceledException ? ForwarderError.ResponseBodyCanceled : error, exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
