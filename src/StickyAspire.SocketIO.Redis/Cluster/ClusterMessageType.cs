namespace StickyAspire.SocketIO.Redis.Cluster;

/// <summary>What servers say to each other. The numbers are those of Node's cluster adapters (sharded and streams); those from 100 on have no number there.</summary>
internal enum ClusterMessageType
{
    None = 0,
    Broadcast = 3,
    Join = 4,
    Leave = 5,
    Disconnect = 6,
    FetchSockets = 7,
    FetchSocketsResponse = 8,
    ServerSideEmit = 9,
    ServerSideEmitResponse = 10,
    ClientCount = 11,
    ClientAck = 12,

    /// <summary>Classic: the names of all rooms.</summary>
    FetchRooms = 100,
    FetchRoomsResponse = 101,

    /// <summary>Classic, of old servers: the ids of sockets.</summary>
    FetchSocketIds = 102,
    FetchSocketIdsResponse = 103,

    /// <summary>Classic, of old servers: something done to one socket is confirmed.</summary>
    Done = 104,
}
