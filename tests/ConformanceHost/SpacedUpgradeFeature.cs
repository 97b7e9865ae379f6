using Microsoft.AspNetCore.Http.Features;

namespace ConformanceHost;

/// <summary>Leaves the client a turn of its loop (<see cref="SuitePace"/>) between the answer to its handshake and the first frame.</summary>
internal sealed class SpacedUpgradeFeature(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        var stream = await inner.UpgradeAsync();
        await Task.Delay(SuitePace.Turn);
        return stream;
    }
}
