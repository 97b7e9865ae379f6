// The conformance host's contract, kept by Node's own server: what the tests compare StickyAspire.SocketIO with.
// PORT, HOST, PING_INTERVAL, PING_TIMEOUT, ALLOW_EIO3 and REDIS come from the environment; prints `ready`.
import { createServer } from "node:http";
import { Server as EngineServer } from "engine.io";
import { Server } from "socket.io";
import { scenarioHandlers, scenarioNamespaces } from "./scenario-handlers.mjs";

const env = process.env;
const flag = (value) => value === "1" || value?.toLowerCase() === "true";

const options = {
  pingInterval: Number(env.PING_INTERVAL ?? 300),
  pingTimeout: Number(env.PING_TIMEOUT ?? 200),
  maxHttpBufferSize: 1e6,
  allowEIO3: flag(env.ALLOW_EIO3),
  cors: { origin: "*" },
};

const httpServer = createServer((_req, res) => {
  res.writeHead(404);
  res.end();
});

// Each server looks only at its own path and leaves foreign upgrades to the other one.
const engine = new EngineServer(options);
engine.attach(httpServer, { path: "/engine.io/", destroyUpgrade: false });
engine.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data));
});

const io = new Server(httpServer, {
  ...options,
  path: "/socket.io/",
  connectTimeout: 1000,
  destroyUpgrade: false,
  serveClient: false,
});

if (env.REDIS) {
  const { createClient } = await import("redis");
  const { createAdapter } = await import("@socket.io/redis-adapter");
  const url = env.REDIS.includes("://") ? env.REDIS : `redis://${env.REDIS}`;
  const pub = createClient({ url });
  const sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  io.adapter(createAdapter(pub, sub));
}

io.on("connection", (socket) => {
  socket.emit("auth", socket.handshake.auth);
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => {
    const ack = args.pop();
    ack(...args);
  });
  scenarioHandlers(socket);
});

io.of("/custom").on("connection", (socket) => {
  socket.emit("auth", socket.handshake.auth);
});

scenarioNamespaces(io);

httpServer.listen(Number(env.PORT ?? 3000), env.HOST ?? "127.0.0.1", () => console.log("ready"));

const stop = () => {
  httpServer.closeAllConnections();
  process.exit(0);
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
