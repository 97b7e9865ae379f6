using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StickyAspire.SocketIO;
using StickyAspire.SocketIO.Serialization;

namespace ControlHost;

/// <summary>Tells callbacks of events that other servers emit, and of clients that come and go.</summary>
internal sealed class Listeners(ISocketIOServer io, IHttpClientFactory httpClientFactory, ILogger<Listeners> logger)
{
    private const string Connection = "connection";

    private readonly ConcurrentDictionary<(string Namespace, string Event), List<Listener>> _listeners = new();
    private readonly ConcurrentDictionary<string, ISocketIONamespace> _namespaces = new();

    /// <summary>The namespaces there are.</summary>
    public ICollection<ISocketIONamespace> Namespaces => _namespaces.Values;

    public void Start()
    {
        Watch(io);
        io.OnNamespaceCreated(Watch);
    }

    public void Add(ISocketIONamespace nsp, string eventName, Listener listener)
    {
        var isNew = false;
        var listeners = _listeners.GetOrAdd((nsp.Name, eventName), _ =>
        {
            isNew = true;
            return [];
        });
        lock (listeners)
        {
            listeners.Add(listener);
        }

        if (isNew && eventName != Connection)
        {
            nsp.On(eventName, (ref reader) =>
            {
                OnEvent(listeners, reader.ReadRest(), reader.Ack);
                return ValueTask.CompletedTask;
            });
        }
    }

    public void Clear()
    {
        foreach (var (nsp, eventName) in _listeners.Keys)
        {
            if (eventName != Connection)
            {
                io.Of(nsp).Off(eventName);
            }
        }

        _listeners.Clear();
    }

    private void Watch(ISocketIONamespace nsp)
    {
        if (!_namespaces.TryAdd(nsp.Name, nsp))
        {
            return;
        }

        nsp.OnConnection(socket =>
        {
            foreach (var listener in Find(_listeners.GetValueOrDefault((nsp.Name, Connection))))
            {
                var told = PostAsync(listener, new JsonObject { ["event"] = Connection, ["sid"] = socket.Id });
                socket.OnDisconnect(async _ =>
                {
                    await told;
                    await PostAsync(listener, new JsonObject { ["event"] = "disconnect", ["sid"] = socket.Id });
                });
            }
        });
    }

    /// <summary>Events come in one by one and must not wait for callbacks, one of which may make a further call.</summary>
    private void OnEvent(List<Listener> listeners, SocketIOPayload payload, SocketIOAck ack)
    {
        var arguments = new JsonArray([.. Enumerable.Range(0, payload.Count).Select(i => payload.Get<WireValue>(i)?.ToJson())]);
        foreach (var listener in Find(listeners))
        {
            _ = TellAsync(listener, arguments.DeepClone(), ack);
        }
    }

    private async Task TellAsync(Listener listener, JsonNode arguments, SocketIOAck ack)
    {
        var answer = await PostAsync(listener, new JsonObject { ["args"] = arguments, ["withAck"] = ack.IsRequested });
        if (answer is { ValueKind: JsonValueKind.Object } && answer.Value.TryGetProperty("ack", out var value))
        {
            await ack.SendAsync(value.Deserialize<WireValue>());
        }
    }

    private async Task<JsonElement?> PostAsync(Listener listener, JsonObject body)
    {
        try
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var client = httpClientFactory.CreateClient();
            using var response = await client.PostAsync(listener.Callback, content);
            var text = await response.Content.ReadAsStringAsync();
            return text.Length == 0 ? null : JsonElement.Parse(text);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or OperationCanceledException)
        {
            logger.LogWarning(exception, "The callback {Callback} failed.", listener.Callback);
            return null;
        }
    }

    private static Listener[] Find(List<Listener>? listeners)
    {
        if (listeners is null)
        {
            return [];
        }

        lock (listeners)
        {
            return [.. listeners.Where(listener => listener.Take())];
        }
    }
}
