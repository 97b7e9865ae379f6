using StickyAspire.Gateway.Stats;

var builder = WebApplication.CreateBuilder(args);

builder.PreferInlineSockets("Gateway:InlineSockets");
builder.CollectWhenIdle("Gateway:CollectWhenIdle");
builder.AddServiceDefaults();
builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddStickySessions()
    .AddServiceDiscoveryDestinations()
    .AddStatsPage(builder.Configuration);

var app = builder.Build();

app.UseUpgradeHeaderForExtendedConnect();
app.UseRouting();

app.MapDefaultEndpoints();
app.MapStatsPage();
app.MapReverseProxy(proxy => proxy.UseStickySessions());

app.Run();
