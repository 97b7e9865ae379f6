namespace StickyAspire.LocalHosting.Engine;

/// <summary>Waits for a process to say that it is healthy.</summary>
internal static class HttpHealth
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static async Task WaitAsync(Uri url, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var response = await Client.GetAsync(url, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It listens, and is slow to answer.
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }
}
