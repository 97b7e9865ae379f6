using SocketIO.Tests.Conformance.Targets;

namespace SocketIO.Tests.Server;

/// <summary>A server whose JSON has no reflection to fall back on, in a process of its own: all of it works by generated code.</summary>
public sealed class SourceGeneratedJsonTests
{
    [Fact]
    public async Task EverythingThatIsSerialized_GoesByGeneratedCode()
    {
        await using var host = await ServerProcess.StartAsync("dotnet", TestPaths.AotHost, new Dictionary<string, string>());
        await using var client = await TestClient.OpenAsync(host.Url);
        await client.JoinAsync();
        await client.ExpectAsync(
            """451-["welcome",{"item":"tea","count":1,"label":{"_placeholder":true,"num":0}},"text",5,true,null,{"mixed":1.5}]""", "b" + Convert.ToBase64String([1, 2, 3]));

        await client.SendAsync("""451-1["order",{"item":"tea","count":1,"label":{"_placeholder":true,"num":0}}]""");
        await client.SendAsync([9]);
        await client.ExpectAsync("""461-1[{"item":"tea","count":2,"label":{"_placeholder":true,"num":0}}]""", "b" + Convert.ToBase64String([9]));

        await client.SendAsync("""422["fail"]""");
        await client.ExpectAsync("""432[{"error":"as asked"}]""");

        await client.SendAsync("""423["order",5]""");
        await client.ExpectAsync("""433[{"error":"The event's arguments are not of the expected types."}]""");

        await client.SendAsync("""42["ask",{"item":"a","count":1,"label":"AQ=="}]""");
        await client.ExpectAsync("""451-0["question",{"item":"a","count":1,"label":{"_placeholder":true,"num":0}}]""", "bAQ==");
        await client.SendAsync("""430[{"item":"b","count":2,"label":""}]""");
        await client.ExpectAsync("""451-["asked",{"item":"b","count":2,"label":{"_placeholder":true,"num":0}}]""", "b");

        await client.SendAsync("""42["who"]""");
        await client.ExpectAsync("""42["here",{"joined":1}]""");

        await client.SendAsync("40/guarded,");
        await client.ExpectAsync("""44/guarded,{"message":"no","data":{"item":"none","count":0,"label":""}}""");
        await client.SendAsync("40/nowhere,");
        await client.ExpectAsync("""44/nowhere,{"message":"Invalid namespace"}""");
    }
}
