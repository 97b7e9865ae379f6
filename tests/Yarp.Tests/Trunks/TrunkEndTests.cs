using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Trunks;
using Yarp.Tests.Tunnels.Running;
using static Yarp.Tests.Trunks.TrunkStreamWork;

namespace Yarp.Tests.Trunks;

/// <summary>How trunks end, and what their streams hear of it.</summary>
public sealed class TrunkEndTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StreamThatWasCut_IsNotLost_WhenTheTrunkEndsToo()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();
        server.Reset();
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await gateway.Input.ReadAsync(Cancellation));

        pair.Server.Abort();
        await pair.GatewayEnd.WaitAsync(Cancellation);

        // What it asked for may have been done.
        Assert.False(gateway.IsLost);
    }

    [Fact]
    public async Task CutTrunk_EndsAllStreams_AndOpensNone()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();
        while (gateway.Send(new byte[TrunkProtocol.Window]) > 0)
        {
        }

        var waiting = gateway.WaitForRoomAsync().AsTask();
        var reading = gateway.Input.ReadAsync(Cancellation).AsTask();
        pair.Server.Abort();

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading);
        await waiting.WaitAsync(Cancellation);
        await Task.WhenAll(pair.GatewayEnd, pair.ServerEnd).WaitAsync(Cancellation);
        Assert.True(gateway.IsLost && server.IsLost);
        Assert.Null(pair.Gateway.TryOpen());
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await server.Input.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task Leave_KeepsWhatIsOpen_AndTheTrunkEndsWithTheLast()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();

        pair.Server.Leave();
        await Eventually.TrueAsync(() => !pair.Gateway.IsOpen, "the gateway knows");
        Assert.Null(pair.Gateway.TryOpen());
        gateway.Send("hello"u8);
        await AssertReadsAsync(server, "hello"u8.ToArray(), new Random(1), toTheEnd: false);
        Assert.False(pair.GatewayEnd.IsCompleted);

        server.Close();
        gateway.Close();
        Assert.Null(await pair.ServerEnd.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task SilentPeer_IsGivenUpAfterHalfAMinute_AndOneThatAnswersIsNot()
    {
        var time = new FakeTimeProvider();
        await using var answering = await TrunkPair.StartAsync(gatewayTime: time);
        var (one, other) = await TrunkPair.ConnectAsync();
        using var _ = other;
        var silent = new Trunk(new StreamTrunkTransport(one, one.Dispose), null, inline: true, time);
        var end = silent.RunAsync();
        var (gateway, server) = await answering.OpenAsync();
        for (var i = 0; i < 2 * TrunkProtocol.MaxSilentIntervals && !end.IsCompleted; i++)
        {
            time.Advance(TrunkProtocol.PingInterval);

            // Whatever is heard will do.
            server.Send("here"u8);
            await AssertReadsAsync(gateway, "here"u8.ToArray(), new Random(1), toTheEnd: false);
        }

        Assert.IsType<TimeoutException>(await end.WaitAsync(Cancellation));
        Assert.False(answering.GatewayEnd.IsCompleted);
    }
}
