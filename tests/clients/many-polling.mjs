// Many socket.io-clients on polling only, each with its own cookie jar or with none, through a gateway: every message must be answered
// with what it carried, always by the same server.
//
//   node many-polling.mjs <url> [--clients 200] [--messages 50] [--cookies jar|none] [--transports polling] [--concurrency 200]
import { parseArgs } from "node:util";
import { io } from "socket.io-client";
import { report, runMany } from "./many.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: "string", default: "200" },
    messages: { type: "string", default: "50" },
    cookies: { type: "string", default: "jar" },
    transports: { type: "string", default: "polling" },
    concurrency: { type: "string", default: "200" },
    deadline: { type: "string", default: "30000" },
  },
});
const deadline = Number(options.deadline);

await report(options, (result) =>
  runMany(options, result, async (index, messages, everyoneIsIn) => {
    const socket = io(positionals[0], {
      transports: options.transports.split(","),
      forceNew: true,
      reconnection: false,
      // In Node this is what gives the client a cookie jar.
      withCredentials: options.cookies === "jar",
    });
    // The transport's own error carries the status that the connection's end does not.
    socket.io.engine.on("error", (error) => {
      if (error.context?.status === 400 || error.description === 400) {
        result.http400++;
      }
    });
    try {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no connection within ${deadline} ms`)), deadline);
        socket.once("connect", () => (clearTimeout(timer), resolve()));
        socket.once("connect_error", (error) => (clearTimeout(timer), reject(error)));
      });
      let gone;
      socket.once("disconnect", (reason) => (gone = reason));
      const server = await socket.timeout(deadline).emitWithAck("whoami");
      await everyoneIsIn();
      for (let i = 0; i < messages; i++) {
        if (gone) {
          throw new Error(`disconnected: ${gone}`);
        }
        const sent = { client: index, message: i, text: `żółć ${"x".repeat(i)}` };
        const [answer, name] = await Promise.all([
          socket.timeout(deadline).emitWithAck("echo", sent),
          socket.timeout(deadline).emitWithAck("whoami"),
        ]);
        if (JSON.stringify(answer) !== JSON.stringify(sent)) {
          throw new Error(`message ${i} came back as ${JSON.stringify(answer)}`);
        }
        if (name !== server) {
          throw new Error(`message ${i} was answered by ${name}, not ${server}`);
        }
        result.messages++;
      }
      return server;
    } finally {
      socket.disconnect();
    }
  }),
);
