namespace SocketIO.Tests.Fuzzing;

/// <summary>Makes new inputs of old ones, as fuzzers do without instrumentation.</summary>
internal static class Mutator
{
    /// <summary>Bytes at which parsers turn.</summary>
    private static readonly byte[] Turning = [0, 1, 9, 0x1e, .. "\"\\[]{},:-/0459bu"u8, 0x7f, 0x80, 0x91, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xd4, 0xd9, 0xdd, 0xdf, 0xed, 0xff];

    public static byte[] Mutate(byte[][] corpus, Random random, int maxLength)
    {
        var input = new List<byte>(corpus[random.Next(corpus.Length)]);
        for (var rounds = random.Next(1, 6); rounds > 0; rounds--)
        {
            var at = random.Next(input.Count + 1);
            switch (random.Next(7))
            {
                case 0 when at < input.Count:
                    input[at] = Turning[random.Next(Turning.Length)];
                    break;
                case 1 when at < input.Count:
                    input[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    input.Insert(at, Turning[random.Next(Turning.Length)]);
                    break;
                case 3 when at < input.Count:
                    input.RemoveRange(at, random.Next(1, Math.Min(16, input.Count - at) + 1));
                    break;
                case 4 when at < input.Count:
                    // A piece many times over: deep nesting, long lists.
                    var piece = input.GetRange(at, random.Next(1, Math.Min(8, input.Count - at) + 1));
                    for (var times = random.Next(1, 300); times > 0 && input.Count < maxLength; times--)
                    {
                        input.InsertRange(at, piece);
                    }

                    break;
                case 5:
                    var other = corpus[random.Next(corpus.Length)];
                    var start = random.Next(other.Length + 1);
                    input.InsertRange(at, other[start..random.Next(start, other.Length + 1)]);
                    break;
                default:
                    var noise = new byte[random.Next(1, 9)];
                    random.NextBytes(noise);
                    input.InsertRange(at, noise);
                    break;
            }
        }

        return [.. input.Take(maxLength)];
    }
}
