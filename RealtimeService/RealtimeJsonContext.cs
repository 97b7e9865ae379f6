using System.Text.Json;
using System.Text.Json.Serialization;
using StickyAspire.RealtimeService.Article;
using StickyAspire.RealtimeService.Chat;
using StickyAspire.RealtimeService.Status;

namespace StickyAspire.RealtimeService;

/// <summary>Whatever goes out or comes in as JSON, by Socket.IO, SignalR, HTTP and Redis. How names are written is up to the options that it is used with. Without it there is none: reflection is off, so that a native program can do what this one can.</summary>
[JsonSerializable(typeof(Announcement))]
[JsonSerializable(typeof(ChatJoin))]
[JsonSerializable(typeof(ChatMember))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(ChatMember[]))]
[JsonSerializable(typeof(ReplicaStatus))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
internal sealed partial class RealtimeJsonContext : JsonSerializerContext;
