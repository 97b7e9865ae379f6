using StickyAspire.RealtimeService;
using StickyAspire.RealtimeService.AdminUI;
using StickyAspire.RealtimeService.Article;
using StickyAspire.RealtimeService.Backplane;
using StickyAspire.RealtimeService.Bench;
using StickyAspire.RealtimeService.Chat;
using StickyAspire.RealtimeService.Cors;
using StickyAspire.RealtimeService.Status;
using StickyAspire.Replica;
using StickyAspire.SocketIO;

var builder = WebApplication.CreateBuilder(args);

builder.PreferInlineSockets("Realtime:InlineSockets");
builder.CollectWhenIdle("Realtime:CollectWhenIdle");
builder.AddServiceDefaults();
builder.Services.AddReplica();
builder.Services.AddConfiguredCors(builder.Configuration);
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, RealtimeJsonContext.Default));
builder.AddRealtime();
builder.Services.AddChat();

var app = builder.Build();

app.UseReplica();
app.UseCors();
app.UseDefaultFiles();
app.UseStaticFiles();

app.MapDefaultEndpoints();
app.MapReplica();
app.MapStatus();
app.MapSocketIO("/socket.io").WithOwnLoadCount();
app.MapConfiguredAdminUI();
app.MapHub<ChatHub>("/hubs/chat").WithServerIdTokens();

var io = app.Services.GetRequiredService<ISocketIOServer>();
var identity = app.Services.GetRequiredService<ReplicaIdentity>();
io.MapArticle(identity, app.Logger);
io.MapChat(app.Services.GetRequiredService<ChatRooms>());
app.MapBench();

app.Run();
