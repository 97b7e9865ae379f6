using System.Buffers;
using Microsoft.AspNetCore.Connections;
using StickyAspire.Trunks;
using Yarp.Tests.Tunnels.Running;
using static Yarp.Tests.Trunks.TrunkStreamWork;

namespace Yarp.Tests.Trunks;

/// <summary>What a trunk promises its streams.</summary>
public sealed class TrunkTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6, 9)]
    [InlineData(7, 100)]
    [InlineData(8, 4096)]
    public async Task Streams_CarryEveryByteInItsOrder_BothWaysAtOnce_ToReadersOfEveryKind_WhateverPartsTheyComeIn(int seed, int maxPart = 0)
    {
        const int Streams = 20;
        var random = new Random(seed);
        await using var pair = await TrunkPair.StartAsync(serverTransport: maxPart == 0 ? null : server => new PartsTransport(server, new Random(seed), maxPart));
        var work = new List<Task>();
        for (var i = 0; i < Streams; i++)
        {
            var (gateway, server) = await pair.OpenAsync();
            foreach (var (from, to) in (ReadOnlySpan<(TrunkStream, TrunkStream)>)[(gateway, server), (server, gateway)])
            {
                var bytes = new byte[random.Next(600_000)];
                random.NextBytes(bytes);
                work.Add(WriteAsync(from, bytes, new Random(random.Next())));
                work.Add(AssertReadsAsync(to, bytes, new Random(random.Next())));
            }
        }

        await Task.WhenAll(work).WaitAsync(Cancellation);
    }

    [Fact]
    public async Task ReaderThatTakesNothing_IsSentAWindowAndNoMore_AndHoldsUpNoOther()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (stuck, unread) = await pair.OpenAsync();
        var sent = 0;
        while (stuck.Send(new byte[1000]) is > 0 and var count)
        {
            sent += count;
        }

        Assert.Equal(TrunkProtocol.Window, sent);
        var waiting = stuck.WaitForRoomAsync().AsTask();
        var (gateway, server) = await pair.OpenAsync();
        var bytes = new byte[1_000_000];
        await Task.WhenAll(WriteAsync(gateway, bytes, new Random(1)), AssertReadsAsync(server, bytes, new Random(2)));
        Assert.False(waiting.IsCompleted);

        // Half a window at least: credit is not given for every byte.
        var read = await unread.Input.ReadAsync(Cancellation);
        unread.Input.AdvanceTo(read.Buffer.End);
        await AssertReadsAsync(unread, new byte[TrunkProtocol.Window - (int)read.Buffer.Length], new Random(3), toTheEnd: false);
        Assert.True(await waiting.WaitAsync(Cancellation));
        Assert.True(stuck.Send(new byte[1000]) > 0);
    }

    [Fact]
    public async Task ReaderThatGathersWithoutTaking_GetsMoreThanAWindow()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();
        var bytes = new byte[500_000];
        new Random(1).NextBytes(bytes);
        var writing = WriteAsync(gateway, bytes, new Random(2));

        // As Kestrel's body readers do for a whole message.
        while (true)
        {
            var read = await server.Input.ReadAsync(Cancellation);
            if (read.IsCompleted)
            {
                Assert.Equal(bytes, read.Buffer.ToArray());
                break;
            }

            server.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        await writing;
    }

    [Fact]
    public async Task ReaderThatMisusesItsStream_DoesNoHarmToTheTrunk()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();
        var (other, otherServer) = await pair.OpenAsync();
        var reading = server.Input.ReadAsync(Cancellation).AsTask();
        server.Input.Complete();
        gateway.Send("hello"u8);
        gateway.Finish();

        await Assert.ThrowsAsync<InvalidOperationException>(() => reading);
        other.Send("hello"u8);
        await AssertReadsAsync(otherServer, "hello"u8.ToArray(), new Random(1), toTheEnd: false);
        gateway.Send("never"u8);
    }

    [Fact]
    public async Task WaitForRoom_CanBeBrokenOff()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (stuck, _) = await pair.OpenAsync();
        while (stuck.Send(new byte[TrunkProtocol.Window]) > 0)
        {
        }

        var waiting = stuck.WaitForRoomAsync().AsTask();
        stuck.CancelWait();

        Assert.False(await waiting.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task Finish_EndsOneDirection_AndCloseTheOther()
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();

        gateway.Send("last"u8);
        gateway.Finish();
        Assert.Equal(-1, gateway.Send("more"u8));
        await AssertReadsAsync(server, "last"u8.ToArray(), new Random(1));
        server.Send("answer"u8);
        server.Close();

        await AssertReadsAsync(gateway, "answer"u8.ToArray(), new Random(1));
        gateway.Close();
        await Eventually.TrueAsync(() => (pair.Gateway.Count, pair.Server.Count) == (0, 0), "both ends have forgotten it");
        Assert.True(server.Ended.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reset_FailsTheReaderAtTheOtherEnd_WhichLearnsWhetherAnybodyHadTheStream(bool refuse)
    {
        await using var pair = await TrunkPair.StartAsync();
        var (gateway, server) = await pair.OpenAsync();
        var reading = gateway.Input.ReadAsync(Cancellation).AsTask();

        if (refuse)
        {
            server.Refuse();
        }
        else
        {
            server.Reset();
        }

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading);
        await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await server.Input.ReadAsync(Cancellation));
        Assert.Equal((-1, refuse), (gateway.Send("more"u8), gateway.IsLost));
    }

    [Fact]
    public async Task WhatOneReadGivesRiseTo_IsOneWrite()
    {
        const int Streams = 100;
        CountingStream? counting = null;
        await using var pair = await TrunkPair.StartAsync(serverTransport: stream => new StreamTrunkTransport(counting = new CountingStream(stream), stream.Dispose));
        var streams = new List<(TrunkStream Gateway, TrunkStream Server)>();
        var echoes = new List<Task>();
        for (var i = 0; i < Streams; i++)
        {
            streams.Add(await pair.OpenAsync());
            echoes.Add(EchoOnceAsync(streams[i].Server));
        }

        TrunkWriter.BeginGathering();
        foreach (var (gateway, _) in streams)
        {
            Assert.Equal(5, gateway.Send("hello"u8));
        }

        TrunkWriter.EndGathering(atOnce: true);
        foreach (var (gateway, _) in streams)
        {
            await AssertReadsAsync(gateway, "hello"u8.ToArray(), new Random(1), toTheEnd: false);
        }

        await Task.WhenAll(echoes);
        Assert.Equal(1, counting!.Writes);
    }

    [Fact]
    public async Task MoreStreamsThanAllowed_AreNotOpened()
    {
        await using var pair = await TrunkPair.StartAsync();
        for (var i = 0; i < TrunkProtocol.MaxStreams; i++)
        {
            Assert.NotNull(pair.Gateway.TryOpen());
        }

        Assert.Null(pair.Gateway.TryOpen());
    }
}
