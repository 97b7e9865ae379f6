using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using StickyAspire.Trunks;
using Yarp.Tests.Tunnels.Running;

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

    private static async Task WriteAsync(TrunkStream stream, byte[] bytes, Random random)
    {
        for (var rest = bytes.AsMemory(); !rest.IsEmpty;)
        {
            var sent = stream.Send(rest.Span[..Math.Min(rest.Length, random.Next(1, 40_000))]);
            Assert.NotEqual(-1, sent);
            rest = rest[sent..];
            if (sent == 0)
            {
                Assert.True(await stream.WaitForRoomAsync());
            }
        }

        stream.Finish();
    }

    /// <summary>Reads, now all that is there, now a part of it, now looking at all and taking a part.</summary>
    private static async Task AssertReadsAsync(TrunkStream stream, byte[] expected, Random random, bool toTheEnd = true)
    {
        for (var at = 0; at < expected.Length || toTheEnd;)
        {
            var read = await stream.Input.ReadAsync(Cancellation);
            var buffer = read.Buffer;
            Assert.True(buffer.Length <= expected.Length - at);
            var taken = buffer.Slice(0, read.IsCompleted || random.Next(3) == 0 ? buffer.Length : random.NextInt64(buffer.Length + 1));
            foreach (var part in taken)
            {
                Assert.True(part.Span.SequenceEqual(expected.AsSpan(at, part.Length)));
                at += part.Length;
            }

            if (read.IsCompleted && at == expected.Length)
            {
                return;
            }

            stream.Input.AdvanceTo(taken.End, at < expected.Length || random.Next(2) == 0 ? taken.End : buffer.End);
        }
    }

    private static async Task EchoOnceAsync(TrunkStream stream)
    {
        var read = await stream.Input.ReadAsync(Cancellation);
        foreach (var part in read.Buffer)
        {
            stream.Send(part.Span);
        }

        stream.Input.AdvanceTo(read.Buffer.End);
    }
}
