using System.Collections.Concurrent;
using System.Text.Json;
using StackExchange.Redis;
using StickyAspire.RealtimeService.Backplane;
using StickyAspire.Replica;

namespace StickyAspire.RealtimeService.Chat;

/// <summary>
/// Who is in which room. Each replica knows its own members, and keeps a copy for the others in Redis, under a lease: a replica that is killed
/// takes its members with it after <see cref="Lease"/>. Written anew at every renewal, so that it heals after Redis lost it.
/// </summary>
internal sealed partial class ChatPresence(RedisBackplane backplane, ReplicaIdentity identity, TimeProvider timeProvider, ILogger<ChatPresence> logger) : BackgroundService
{
    private const string ServersKey = "chat:servers";

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, ChatMember> _members = new(StringComparer.Ordinal);

    /// <summary>Whether other replicas can be reached: Redis is there now.</summary>
    public bool CanReachOthers => backplane.Current is not null;

    private string OwnKey => GetKey(identity.ServerId);

    /// <summary>Adds a member, and returns what it was before in another room, if anything.</summary>
    public ChatMember? Add(ChatMember member)
    {
        _members.TryGetValue(member.Id, out var previous);
        _members[member.Id] = member;
        Write(database => database.HashSetAsync(OwnKey, member.Id, Serialize(member), flags: CommandFlags.FireAndForget));
        return previous?.Room == member.Room ? null : previous;
    }

    public ChatMember? Remove(string connectionId)
    {
        if (!_members.TryRemove(connectionId, out var member))
        {
            return null;
        }

        Write(database => database.HashDeleteAsync(OwnKey, connectionId, CommandFlags.FireAndForget));
        return member;
    }

    public ChatMember? Find(string connectionId) => _members.GetValueOrDefault(connectionId);

    /// <summary>Ids of this replica's members of a room, of one protocol.</summary>
    public IReadOnlyList<string> GetLocal(string room, string protocol) =>
        [.. _members.Values.Where(member => member.Room == room && member.Protocol == protocol).Select(member => member.Id)];

    /// <summary>Members of a room on all replicas; on this one alone while Redis is away.</summary>
    public async Task<ChatMember[]> GetMembersAsync(string room)
    {
        var members = _members.Values.Where(member => member.Room == room).ToList();
        if (backplane.Current?.GetDatabase() is { } database)
        {
            try
            {
                foreach (var server in await database.SetMembersAsync(ServersKey))
                {
                    if (server != identity.ServerId)
                    {
                        members.AddRange(await GetRemoteAsync(database, server!, room));
                    }
                }
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                LogAway(logger, exception);
            }
        }

        return [.. members.OrderBy(member => member.Name, StringComparer.Ordinal)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!backplane.IsConfigured)
        {
            return;
        }

        await backplane.GetAsync();
        while (!stoppingToken.IsCancellationRequested)
        {
            Write(RenewAsync);
            await Task.Delay(RenewalInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<IEnumerable<ChatMember>> GetRemoteAsync(IDatabase database, string server, string room)
    {
        var entries = await database.HashValuesAsync(GetKey(server));
        return entries.Select(Deserialize).OfType<ChatMember>().Where(member => member.Room == room);
    }

    private Task RenewAsync(IDatabase database)
    {
        // One transaction, so that nobody sees the replica without its members.
        var transaction = database.CreateTransaction();
        var entries = _members.Values.Select(member => new HashEntry(member.Id, Serialize(member))).ToArray();
        _ = transaction.SetAddAsync(ServersKey, identity.ServerId);
        _ = transaction.KeyDeleteAsync(OwnKey);
        if (entries.Length > 0)
        {
            _ = transaction.HashSetAsync(OwnKey, entries);
            _ = transaction.KeyExpireAsync(OwnKey, Lease);
        }

        return transaction.ExecuteAsync();
    }

    private void Write(Func<IDatabase, Task> write)
    {
        if (backplane.Current is { } connection)
        {
            _ = GuardAsync(write, connection.GetDatabase());
        }
    }

    private async Task GuardAsync(Func<IDatabase, Task> write, IDatabase database)
    {
        try
        {
            await write(database);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogAway(logger, exception);
        }
    }

    private static string GetKey(string server) => "chat:here:" + server;

    private static string Serialize(ChatMember member) => JsonSerializer.Serialize(member, RealtimeJsonContext.Default.ChatMember);

    private static ChatMember? Deserialize(RedisValue value)
    {
        try
        {
            return JsonSerializer.Deserialize((string)value!, RealtimeJsonContext.Default.ChatMember);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Debug, "The list of who is here could not be shared: Redis is away.")]
    private static partial void LogAway(ILogger logger, Exception exception);
}
