using StickyAspire.Bench.Bare;

switch (args)
{
    case ["gateway", var port, .. var servers]:
        BareGateway.Create(port, servers).Run();
        return 0;
    case ["server", var port, var id]:
        BareServer.Create(port, id).Run();
        return 0;
    default:
        Console.Error.WriteLine("Usage: gateway PORT SERVER_URL… | server PORT SERVER_ID");
        return 2;
}
