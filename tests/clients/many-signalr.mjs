// Many SignalR clients on one transport, each with its own cookie jar or with none, through a gateway: every message must be answered
// with what it carried, always by the same server.
//
//   node many-signalr.mjs <url> [--transport longpolling|sse|websockets] [--clients 200] [--messages 50] [--cookies jar|none]
//                         [--hub /hubs/chat] [--echo Echo] [--whoami WhoAmI] [--concurrency 200]
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import * as signalR from "@microsoft/signalr";
import { report, runMany } from "./many.mjs";
import { PlainHttpClient } from "./plain-http-client.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: "string", default: "longpolling" },
    clients: { type: "string", default: "200" },
    messages: { type: "string", default: "50" },
    cookies: { type: "string", default: "jar" },
    hub: { type: "string", default: "/hubs/chat" },
    echo: { type: "string", default: "Echo" },
    whoami: { type: "string", default: "WhoAmI" },
    concurrency: { type: "string", default: "200" },
  },
});
const transport = {
  longpolling: signalR.HttpTransportType.LongPolling,
  sse: signalR.HttpTransportType.ServerSentEvents,
  websockets: signalR.HttpTransportType.WebSockets,
}[options.transport];
if (transport === undefined) {
  console.error(`unknown transport ${options.transport}`);
  process.exit(2);
}

// The client's own HTTP client keeps a cookie jar for each connection; without cookies it gets one that keeps nothing.
const httpClient = () => (options.cookies === "jar" ? undefined : new PlainHttpClient());

// SignalR looks for EventSource and WebSocket among Node's modules; the ones given here know nothing of cookies by themselves.
const require = createRequire(import.meta.url);
const cookieless = options.cookies === "jar" ? {} : { EventSource: require("eventsource"), WebSocket: require("ws") };

await report(options, (result) =>
  runMany(options, result, async (index, messages, everyoneIsIn) => {
    const connection = new signalR.HubConnectionBuilder()
      .withUrl(positionals[0] + options.hub, {
        transport,
        httpClient: httpClient(),
        withCredentials: options.cookies === "jar",
        ...cookieless,
      })
      .configureLogging(signalR.LogLevel.None)
      .build();
    let gone;
    connection.onclose((error) => (gone = error?.message ?? "closed"));
    await connection.start();
    try {
      const server = await connection.invoke(options.whoami);
      await everyoneIsIn();
      for (let i = 0; i < messages; i++) {
        if (gone) {
          throw new Error(`disconnected: ${gone}`);
        }
        const sent = `${index}/${i} żółć ${"x".repeat(i)}`;
        const [answer, name] = await Promise.all([connection.invoke(options.echo, sent), connection.invoke(options.whoami)]);
        if (answer !== sent) {
          throw new Error(`message ${i} came back as ${JSON.stringify(answer)}`);
        }
        if (name !== server) {
          throw new Error(`message ${i} was answered by ${name}, not ${server}`);
        }
        result.messages++;
      }
      return server;
    } finally {
      await connection.stop();
    }
  }),
);
