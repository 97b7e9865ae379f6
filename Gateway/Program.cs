using Gateway.Sockets;

var builder = WebApplication.CreateBuilder(args);

builder.UseInlineSockets();
builder.AddServiceDefaults();
builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddStickySessions()
    .AddServiceDiscoveryDestinations();

var app = builder.Build();

app.UseUpgradeHeaderForExtendedConnect();
app.UseRouting();

app.MapDefaultEndpoints();
app.MapReverseProxy();

app.Run();
