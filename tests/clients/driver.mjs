// Clients that a test drives: one JSON command a line on standard input, one JSON line on standard output for each answer ({id, result | error}) and for whatever happens to
// a client ({client, what, …}). Bytes are {"$binary": base64}, as in the control endpoint.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const clients = new Map();
const write = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const commands = {
  // Connects, and answers with the socket's id.
  connect({ client, url, nsp = "/", options = {} }) {
    const socket = io(url + nsp, { transports: ["websocket"], forceNew: true, reconnection: false, reconnectionDelay: 20, reconnectionDelayMax: 200, ...options });
    const answers = new Map();
    clients.set(client, { socket, answers });
    const tell = (what, more) => write({ client, what, ...more });
    socket.onAny((event, ...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
      if (ack && answers.has(event)) {
        ack(...answers.get(event));
      }
      tell("event", { event, args: args.map(toJson), withAck: ack !== undefined });
    });
    socket.on("disconnect", (reason) => tell("disconnect", { reason }));
    return new Promise((resolve, reject) => {
      socket.on("connect", () => {
        tell("connect", { sid: socket.id, recovered: socket.recovered === true });
        resolve(socket.id);
      });
      socket.on("connect_error", (error) => reject(error));
    });
  },
  // From now on the client acknowledges that event with these arguments.
  answer: ({ client, event, args }) => void clients.get(client).answers.set(event, args.map(fromJson)),
  emit: ({ client, args }) => void clients.get(client).socket.emit(...args.map(fromJson)),
  // Loses the connection, as a client does whose network breaks.
  break: ({ client, url, pid, offset }) => {
    const { socket } = clients.get(client);
    if (url) {
      socket.io.uri = url;
    }
    socket._pid = pid ?? socket._pid;
    socket._lastOffset = offset ?? socket._lastOffset;
    socket.io.engine.close();
  },
  // Will not come back by itself when its connection is lost.
  suspend: ({ client }) => void clients.get(client).socket.io.reconnection(false),
  // Loses the connection, and stays away until it is told to come back.
  leave: ({ client }) => {
    const { socket } = clients.get(client);
    socket.io.reconnection(false);
    socket.io.engine.close();
  },
  return: ({ client, url }) => {
    const { socket } = clients.get(client);
    socket.io.uri = url ?? socket.io.uri;
    socket.connect();
  },
  disconnect({ client }) {
    clients.get(client)?.socket.disconnect();
    clients.delete(client);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, ...rest } = JSON.parse(line);
  Promise.resolve()
    .then(() => commands[command](rest))
    .then((result) => write({ id, result: result ?? null }))
    .catch((error) => write({ id, error: error.message }));
}
process.exit(0);

function toJson(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return { $binary: Buffer.from(value.buffer ?? value, value.byteOffset, value.byteLength).toString("base64") };
  }
  if (Array.isArray(value)) {
    return value.map(toJson);
  }
  return value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)])) : value;
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
