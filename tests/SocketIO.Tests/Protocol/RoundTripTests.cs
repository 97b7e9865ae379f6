using CsCheck;
using StickyAspire.SocketIO.MessagePack;
using StickyAspire.SocketIO.Protocol;
using StickyAspire.SocketIO.Serialization;

namespace SocketIO.Tests.Protocol;

/// <summary>Any values, bytes nested among them, from the sender's objects to the receiver's, through both parsers.</summary>
public sealed class RoundTripTests
{
    private static readonly SocketIOSerializer Serializer = new(SocketIOSerializer.CreateDefaultOptions());

    private static readonly Gen<string> Namespaces = Gen.OneOf(
        Gen.Const("/"), Gen.Char.AlphaNumeric.Array[0, 40].Select(name => "/" + new string(name)), Gen.OneOfConst("/é√", "/żółć 😀", "/a/b?c=d", "/1[\"x\"]", "/-", "/ \u001e"));

    private static readonly Gen<long?> Ids = Gen.OneOf(Gen.Const((long?)null), Gen.Const((long?)0), Gen.Long[0, long.MaxValue].Select(id => (long?)id));

    private static readonly Gen<Tree> Trees = Gen.Recursive<Tree>((depth, inner) => depth >= 5
        ? Gen.Byte.Array[0, 20].Select(bytes => new Tree { Bytes = bytes })
        : Gen.Select(Gen.Byte.Array[0, 20].Array[0, 3], Gen.OneOf(Gen.String, Gen.OneOfConst("_placeholder", "żółć 😀", "\0\u001e\"\\", "")), Gen.Double, inner.Array[0, 2])
            .Select((blobs, text, number, children) => new Tree
            {
                Blobs = blobs,
                Text = text,
                Number = double.IsFinite(number) ? number : 0,
                Children = children,
                Named = children.Select((child, i) => (Name: i + text, child)).ToDictionary(pair => pair.Name, pair => pair.child.Bytes),
            }));

    public static TheoryData<string> Parsers => ["default", "msgpack"];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Events_ComeBackAsTheyWere(string parserName) =>
        Gen.Select(Namespaces, Ids, Trees, Gen.String.Where(name => !ReservedEvents.Contains(name))).Sample(
            (nsp, id, tree, name) =>
            {
                ISocketIOParser parser = parserName == "default" ? new DefaultParser(maxAttachments: 10_000, maxDepth: 64) : new MessagePackParser(maxDepth: 64);
                var sent = Serializer.CreatePacket(SocketIOPacketType.Event, nsp, id, name, [tree, tree.Blobs.FirstOrDefault(), null]);

                var received = Decode(parser, parser.Encode(sent));

                Assert.Equal((SocketIOPacketType.Event, nsp, id), (received.Type, received.Namespace, received.Id));
                Assert.Equal(Clean(name), StickyAspire.SocketIO.EventName.Read(received.Data.Span));
                var payload = new SocketIOPayload(received.Data, received.Attachments, Serializer, skip: 1);
                Assert.Equal(3, payload.Count);
                AssertSame(tree, payload.Get<Tree>(0)!);
                Assert.Equal(tree.Blobs.FirstOrDefault(), payload.Get<byte[]?>(1));

                // And once more, as a server that sends on what it got.
                var again = Decode(parser, parser.Encode(Serializer.CreatePacket(SocketIOPacketType.Ack, nsp, id, null, [payload])));
                AssertSame(tree, new SocketIOPayload(again.Data, again.Attachments, Serializer, skip: 0).Get<Tree>(0)!);
            },
            iter: 2_000);

    private static SocketIOPacket Decode(ISocketIOParser parser, SocketIOFrames frames)
    {
        var decoder = parser.CreateDecoder();
        var result = decoder.Add(frames.IsBinary ? frames.First : frames.First[1..], frames.IsBinary, out var packet);
        foreach (var attachment in frames.Attachments)
        {
            Assert.Equal(SocketIODecodeResult.NeedsMore, result);
            result = decoder.Add(attachment, isBinary: true, out packet);
        }

        Assert.Equal(SocketIODecodeResult.Complete, result);
        return packet!;
    }

    private static void AssertSame(Tree expected, Tree actual)
    {
        Assert.Equal(expected.Bytes, actual.Bytes);
        Assert.Equal(expected.Blobs, actual.Blobs);
        Assert.Equal(Clean(expected.Text), actual.Text);
        Assert.Equal(expected.Number, actual.Number);
        Assert.Equal(expected.Named.Select(pair => (Clean(pair.Key), pair.Value)), actual.Named.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(expected.Children.Length, actual.Children.Length);
        for (var i = 0; i < expected.Children.Length; i++)
        {
            AssertSame(expected.Children[i], actual.Children[i]);
        }
    }

    /// <summary>Half surrogate pairs of a .NET string have no UTF-8: the replacement character goes out for each.</summary>
    private static string Clean(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));

    public sealed class Tree
    {
        public byte[] Bytes { get; init; } = [];

        public byte[][] Blobs { get; init; } = [];

        public string Text { get; init; } = "";

        public double Number { get; init; }

        public Dictionary<string, byte[]> Named { get; init; } = [];

        public Tree[] Children { get; init; } = [];
    }
}
