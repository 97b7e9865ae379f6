using System.Diagnostics;
using System.Text;
using MessagePack;
using SocketIO.Fuzz;

namespace SocketIO.Tests.Fuzzing;

/// <summary>
/// The fuzz targets on mutated inputs, from a seed, for some seconds. A finding names its input, which <c>SocketIO.Fuzz</c> runs alone.
/// </summary>
public sealed class FuzzTests
{
    private const int Seed = 20_261;
    private const int MinInputs = 5_000;
    private const int MaxLength = 4_096;

    /// <summary>What an input may allocate for each of its bytes, besides what any input does. A placeholder in JSON is the longest that a byte becomes, written and read several times.</summary>
    private const long MaxGrowth = 4_000;
    private const long FixedCost = 4 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    [Theory]
    [InlineData("default")]
    [InlineData("msgpack")]
    [InlineData("payload-v4")]
    [InlineData("payload-v3")]
    public void MutatedInputs_NeitherThrowNorSwell(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var corpus = Corpus(name);
        var random = new Random(Seed);
        foreach (var input in corpus)
        {
            Run(target, input);
        }

        var clock = Stopwatch.StartNew();
        var count = 0;
        while (count < MinInputs || clock.Elapsed < Limit)
        {
            Run(target, Mutator.Mutate(corpus, random, MaxLength));
            count++;
        }
    }

    private static void Run(Action<byte[]> target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target(input);
        }
        catch (Exception exception)
        {
            Assert.Fail($"{exception}\nInput (base64): {Convert.ToBase64String(input)}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= FixedCost + (MaxGrowth * input.Length), $"{allocated} bytes for {input.Length}. Input (base64): {Convert.ToBase64String(input)}");
    }

    private static byte[][] Corpus(string name) => name switch
    {
        "default" =>
        [
            .. ((string[])
            [
                "0", "0{\"token\":\"x\"}", "0/admin,{\"a\":[1,{\"b\":null}]}", "1", "1/admin,", "2[\"hello\",1,\"two\",{\"three\":[4]}]", "2/admin,12[\"hello\"]", "3/admin,13[]",
                "4{\"message\":\"no\",\"data\":{\"code\":1}}", "52-[\"x\",{\"_placeholder\":true,\"num\":0},{\"deep\":[{\"_placeholder\":true,\"num\":1}]}]\u001ebone\u001ebtwo",
                "61-7[{\"_placeholder\":true,\"num\":0}]\u001eb", "2[\"\\ud83d\",{\"\\udc00\":\"\\ud83d\\ude00\"}]", "2[7,1e21,-0.5]", "2[\"żółć 😀\",\"\\u0000\\\"\\\\\"]",
                "2[\"x\",[[[[[[[[]]]]]]]]]\u001e2[\"y\"]\u001e1",
            ]).Select(Encoding.UTF8.GetBytes),
        ],
        "msgpack" =>
        [
            .. ((string[])
            [
                """{"type":0,"nsp":"/","data":{"token":"x"}}""", """{"type":2,"nsp":"/admin","id":12,"data":["hello",1,-5,1.5,null,true,{"three":[4,"żółć"]}]}""",
                """{"type":3,"nsp":"/","id":1,"data":[]}""", """{"type":1,"nsp":"/"}""", """{"type":4,"nsp":"/","data":{"message":"no"}}""",
                """{"type":2,"nsp":"/","data":["x",[[[[[]]]]]],"options":{"compress":true}}""",
            ]).Select(json => MessagePackSerializer.ConvertFromJson(json)),
            [0x83, 0xa4, .. "type"u8, 2, 0xa3, .. "nsp"u8, 0xa1, (byte)'/', 0xa4, .. "data"u8, 0x94, 0xa1, (byte)'x', 0xc4, 3, 1, 2, 3, 0xd7, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0xc7, 2, 0, 5, 6],
            [0x84, 0xa4, .. "type"u8, 2, 0xa3, .. "nsp"u8, 0xa1, (byte)'/', 0xa2, .. "id"u8, 0xd4, 0, 0, 0xa4, .. "data"u8, 0x92, 0xa1, (byte)'x', 0xd6, 0xff, 1, 2, 3, 4],
        ],
        "payload-v4" => [.. ((string[])["4hello", "4a\u001e4b\u001ebAQIDBA==", "2\u001e3\u001e6\u001e1", "4\u001eb\u001e4żółć", "bAA=="]).Select(Encoding.UTF8.GetBytes)],
        _ =>
        [
            .. ((string[])["06:4hello", "06:4hello10:b4AQIDBA==", "01:21:31:6", "05:4ż😀x1:1"]).Select(Encoding.UTF8.GetBytes),
            [1, 0, 6, 255, .. "4hello"u8, 1, 5, 255, 4, 1, 2, 3, 4],
            [1, 0, 1, 0, 255, .. "4123456789"u8],
        ],
    };
}
