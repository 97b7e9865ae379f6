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

// Straight from routing to the proxy: what is put into the application behind UseRouting, rate limits for example, sees no proxied request. Take ShortCircuit away for that, and for a route with an AuthorizationPolicy or a CorsPolicy.
app.MapReverseProxy(proxy => proxy.UseStickySessions()).ShortCircuit();

// Left to itself the application would put these before routing, where every request pays for them.
app.UseAuthentication();
app.UseAuthorization();

app.Run();
