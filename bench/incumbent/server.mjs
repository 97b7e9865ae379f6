// The article's server (express, socket.io, a greeting) as a member of a cluster, with the words that load tools use: the same as RealtimeService/Bench.
//
//   PORT=8200 SERVER_ID=s1 REDIS_URL=redis://127.0.0.1:6379 node server.mjs
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import express from "express";
import { createClient } from "redis";
import { Server } from "socket.io";

const { PORT, SERVER_ID, REDIS_URL } = process.env;

const pub = createClient({ url: REDIS_URL });
const sub = pub.duplicate();
await Promise.all([pub.connect(), sub.connect()]);

const app = express();
const server = createServer(app);
const io = new Server(server, { cors: { origin: "*" }, adapter: createAdapter(pub, sub) });

app.get("/bench/plain", (request, response) => response.type("text/plain").send("ok"));

io.on("connection", (socket) => {
  // The article prints each socket's id; so does StickyAspire's server, in its log.
  console.log(socket.id);
  socket.emit("announcements", { message: `User has joined to ${SERVER_ID}` });
  socket.on("event", (data) => console.log("A client has sent us this", data?.message));

  socket.on("echo", (data, ack) => ack?.(data));
  socket.on("whoami", (ack) => ack?.(SERVER_ID));
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack?.();
  });
  socket.on("broadcast", (room, data, ack) => {
    io.to(room).emit("message", data);
    ack?.();
  });
});

server.listen(Number(PORT), "127.0.0.1");
