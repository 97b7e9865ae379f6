using System.Buffers;
using StickyAspire.Trunks;

namespace Yarp.Tests.Trunks;

/// <summary>What writers and readers of streams do.</summary>
internal static class TrunkStreamWork
{
    public static async Task WriteAsync(TrunkStream stream, byte[] bytes, Random random)
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
    public static async Task AssertReadsAsync(TrunkStream stream, byte[] expected, Random random, bool toTheEnd = true)
    {
        for (var at = 0; at < expected.Length || toTheEnd;)
        {
            var read = await stream.Input.ReadAsync(TestContext.Current.CancellationToken);
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

    public static async Task EchoOnceAsync(TrunkStream stream)
    {
        var read = await stream.Input.ReadAsync(TestContext.Current.CancellationToken);
        foreach (var part in read.Buffer)
        {
            stream.Send(part.Span);
        }

        stream.Input.AdvanceTo(read.Buffer.End);
    }
}
