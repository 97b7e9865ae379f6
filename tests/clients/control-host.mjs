// The twin of tests/ControlHost on Node's own packages: the same control endpoint, so that one scenario runs on ours, on Node's, and on a mix of both.
// PORT, HOST, REDIS, ADAPTER, CSR and REQUESTS_TIMEOUT come from the environment; prints `ready`.
// What Node's adapters cannot do is answered with an error: the rooms of a cluster, unless the adapter is the classic one.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { createClient } from "redis";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";

const env = process.env;
const requestsTimeout = Number(env.REQUESTS_TIMEOUT ?? 1000);
const listeners = new Map();
const httpServer = createServer(handle);
const io = new Server(httpServer, {
  cors: { origin: "*" },
  serveClient: false,
  connectionStateRecovery: env.CSR === "1" ? {} : undefined,
  adapter: await adapter(env.ADAPTER ?? "memory"),
});
watch(io.of("/"));
io.on("new_namespace", watch);
httpServer.listen(Number(env.PORT ?? 3000), env.HOST ?? "127.0.0.1", () => console.log("ready"));

async function connect() {
  const redis = env.REDIS ?? "127.0.0.1:6379";
  const client = createClient({ url: redis.includes("://") ? redis : `redis://${redis}` });
  client.on("error", (error) => console.error(error.message));
  await client.connect();
  return client;
}

async function adapter(name) {
  switch (name) {
    case "memory":
      return undefined;
    case "pubsub":
    case "pubsub-specific":
      return createAdapter(await connect(), await connect(), { requestsTimeout, publishOnSpecificResponseChannel: name === "pubsub-specific" });
    case "sharded-static":
    case "sharded-dynamic":
    case "sharded-dynamic-private":
      return createShardedAdapter(await connect(), await connect(), { subscriptionMode: name.slice("sharded-".length) });
    case "streams":
      return createStreamsAdapter(await connect());
    default:
      throw new Error(`ADAPTER is "${name}"`);
  }
}

const operations = {
  reset() {
    for (const [key, { nsp, handlers }] of listeners) {
      handlers.forEach(([event, handler]) => nsp.off(event, handler));
      listeners.delete(key);
    }
    for (const nsp of io._nsps.values()) {
      nsp.local.disconnectSockets(true);
    }
  },
  of() {},
  async emit({ nsp, args, ack, ...request }) {
    const target = select(nsp, request);
    if (ack) {
      return gather((callback) => target.emit(...args, callback));
    }
    target.emit(...args);
  },
  socketsJoin: ({ nsp, targets, ...request }) => void select(nsp, request).socketsJoin(targets),
  socketsLeave: ({ nsp, targets, ...request }) => void select(nsp, request).socketsLeave(targets),
  disconnectSockets: ({ nsp, close, ...request }) => void select(nsp, request).disconnectSockets(close),
  fetchSockets: async ({ nsp, ...request }) => (await select(nsp, request).fetchSockets()).map(describe),
  async remoteEmitWithAck({ nsp, target, timeout, args }) {
    const [socket] = await nsp.in(target).fetchSockets();
    if (!socket) {
      throw new Error(`There is no socket ${target}.`);
    }
    return socket.timeout(timeout ?? 1000).emitWithAck(...args);
  },
  async serverSideEmit({ nsp, args, ack }) {
    if (ack) {
      return gather((callback) => nsp.serverSideEmit(...args, callback));
    }
    nsp.serverSideEmit(...args);
  },
  listen({ nsp, event, callback, once }) {
    const entry = listeners.get(nsp.name) ?? { nsp, handlers: [], connections: [] };
    listeners.set(nsp.name, entry);
    if (event === "connection") {
      entry.connections.push({ callback, once });
      return;
    }
    const handler = async (...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
      const answer = await post(callback, { args: args.map(toJson), withAck: ack !== undefined });
      if (ack && answer && "ack" in answer) {
        ack(fromJson(answer.ack));
      }
    };
    entry.handlers.push([event, handler]);
    nsp[once ? "once" : "on"](event, handler);
  },
  socket: ({ nsp, sid }) => (nsp.sockets.has(sid) ? describe(nsp.sockets.get(sid)) : null),
  socketData: ({ nsp, sid, data }) => void (socketOf(nsp, sid).data = data),
  socketJoin: async ({ nsp, sid, targets, target }) => void (await socketOf(nsp, sid).join(targets ?? target)),
  async socketLeave({ nsp, sid, targets, target }) {
    for (const room of [target ?? targets].flat()) {
      await socketOf(nsp, sid).leave(room);
    }
  },
  socketDisconnect: ({ nsp, sid, close }) => void socketOf(nsp, sid).disconnect(close),
  socketEmit({ nsp, sid, args, ack, timeout, flags }) {
    const socket = socketOf(nsp, sid);
    timeout ??= flags?.timeout;
    const emitter = timeout ? socket.timeout(timeout) : socket;
    return ack ? emitter.emitWithAck(...args) : void emitter.emit(...args);
  },
  async allRooms({ nsp }) {
    if (typeof nsp.adapter.allRooms !== "function") {
      throw new Error("This adapter does not know the rooms of other servers.");
    }
    return [...(await nsp.adapter.allRooms())];
  },
  serverCount: ({ nsp }) => nsp.adapter.serverCount(),
  stats() {
    const adapters = [...io._nsps.values()].map((nsp) => nsp.adapter);
    const sum = (name) => adapters.reduce((total, one) => total + (one[name]?.size ?? 0), 0);
    return { requests: sum("requests"), ackRequests: sum("ackRequests") };
  },
};

async function handle(request, response) {
  if (request.method !== "POST" || request.url !== "/control") {
    response.writeHead(request.method === "OPTIONS" ? 204 : 404).end();
    return;
  }
  let answer;
  try {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    const { op, nsp = "/", ...rest } = fromJson(JSON.parse(body));
    const operation = operations[op];
    if (!operation) {
      throw new Error(`There is no operation "${op}".`);
    }
    answer = { result: toJson((await operation({ nsp: io.of(nsp), ...rest })) ?? null) };
  } catch (error) {
    answer = { error: error?.message ?? String(error) };
  }
  response.writeHead(200, { "content-type": "application/json", "access-control-allow-origin": "*" }).end(JSON.stringify(answer));
}

function watch(nsp) {
  nsp.on("connection", (socket) => {
    const connections = listeners.get(nsp.name)?.connections ?? [];
    for (const listener of [...connections]) {
      if (listener.once) {
        connections.splice(connections.indexOf(listener), 1);
      }
      const told = post(listener.callback, { event: "connection", sid: socket.id });
      socket.on("disconnect", async () => {
        await told;
        await post(listener.callback, { event: "disconnect", sid: socket.id });
      });
    }
  });
}

async function post(url, body) {
  try {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  } catch (error) {
    console.error(`callback ${url}: ${error.message}`);
  }
}

function select(nsp, { rooms, except, flags }) {
  flags ??= {};
  let target = nsp;
  if (rooms?.length) {
    target = target.to(rooms);
  }
  if (except?.length) {
    target = target.except(except);
  }
  if (flags.local) {
    target = target.local;
  }
  if (flags.volatile) {
    target = target.volatile;
  }
  if (flags.compress !== undefined) {
    target = target.compress(flags.compress);
  }
  return flags.timeout === undefined ? target : target.timeout(flags.timeout);
}

const gather = (emit) => new Promise((resolve) => emit((error, responses) => resolve({ err: error?.message ?? null, responses })));

function socketOf(nsp, sid) {
  const socket = nsp.sockets.get(sid);
  if (!socket) {
    throw new Error(`There is no socket ${sid} here.`);
  }
  return socket;
}

const describe = ({ id, handshake, rooms, data }) => ({ id, handshake, rooms: [...rooms], data });

function toJson(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const bytes = ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value);
    return { $binary: bytes.toString("base64") };
  }
  if (Array.isArray(value)) {
    return value.map(toJson);
  }
  return value && typeof value === "object" && !value.toJSON ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)])) : value;
}

function fromJson(value) {
  if (Array.isArray(value)) {
    return value.map(fromJson);
  }
  if (value && typeof value === "object") {
    return typeof value.$binary === "string" ? Buffer.from(value.$binary, "base64") : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
  }
  return value;
}
