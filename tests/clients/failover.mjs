// Clients that live through the death of a server. Prints "connected" with the servers they are on, then waits for a line on standard input
// that names the server that has been killed; prints "recovered" once every client is connected, to another server, and answered.
//
//   node failover.mjs <url> [--clients 30]
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { io } from "socket.io-client";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { clients: { type: "string", default: "30" } } });
const transports = [["polling"], ["websocket"], ["polling", "websocket"]];

async function whoami(socket) {
  for (;;) {
    if (!socket.connected) {
      await new Promise((resolve) => socket.once("connect", resolve));
    }
    try {
      return await socket.timeout(1000).emitWithAck("whoami");
    } catch {
      // The connection was lost in between, and is asked for again.
    }
  }
}

const sockets = Array.from({ length: Number(options.clients) }, (_, i) =>
  io(positionals[0], { transports: transports[i % transports.length], forceNew: true, reconnectionDelay: 200, reconnectionDelayMax: 1000 }),
);
const before = await Promise.all(sockets.map(whoami));
console.log(JSON.stringify({ what: "connected", servers: before }));

for await (const killed of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const after = await Promise.all(
    sockets.map(async (socket, i) => {
      let server = await whoami(socket);
      // A client of the killed server may not have noticed yet.
      while (before[i] === killed && server === killed) {
        server = await whoami(socket);
      }
      return server;
    }),
  );
  console.log(JSON.stringify({ what: "recovered", servers: after, seconds: (performance.now() - started) / 1000 }));
  break;
}
process.exit(0);
