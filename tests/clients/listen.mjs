// A chat client that prints what it hears, one JSON line each. It joins a room as a Socket.IO or SignalR client of a given server.
//
//   node listen.mjs <url> --protocol socket.io|signalr --server s2 --room lobby --name ann [--transport polling|websocket]
// Each line on standard input is said in the room. "leave" on a line of its own leaves.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import * as signalR from "@microsoft/signalr";
import { io } from "socket.io-client";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    protocol: { type: "string" },
    server: { type: "string" },
    room: { type: "string" },
    name: { type: "string" },
    transport: { type: "string", default: "websocket" },
  },
});
const print = (what, values) => console.log(JSON.stringify({ what, ...values }));
const headers = { Cookie: `SERVERID=${options.server}` };
const events = ["message", "joined", "left"];

async function startSocketIO() {
  const manager = io(`${positionals[0]}/chat`, { transports: [options.transport], extraHeaders: headers, reconnectionDelay: 200, reconnectionDelayMax: 500 });
  await new Promise((resolve, reject) => (manager.once("connect", resolve), manager.once("connect_error", reject)));
  return { on: (event, listener) => manager.on(event, listener), ask: (event, ...args) => manager.timeout(5000).emitWithAck(event, ...args) };
}

async function startSignalR() {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${positionals[0]}/hubs/chat`, { headers })
    .withAutomaticReconnect([0, 200, 500, 500, 500, 1000, 1000, 1000])
    .configureLogging(signalR.LogLevel.None)
    .build();
  await connection.start();
  return {
    on: (event, listener) => connection.on(event, listener),
    ask: (event, ...args) => connection.invoke(event[0].toUpperCase() + event.slice(1), ...args),
  };
}

const client = await (options.protocol === "signalr" ? startSignalR() : startSocketIO());
for (const event of events) {
  client.on(event, (content) => print(event, { content }));
}
const answer = await client.ask("join", options.room, options.name);
print("ready", { server: answer.server, here: answer.here.map(({ name }) => name) });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    print("answer", { answer: line === "leave" ? await client.ask("leave") : line === "who" ? await client.ask("who", options.room) : await client.ask("message", line) });
  } catch (error) {
    print("answer", { error: error.message });
  }
}
process.exit(0);
