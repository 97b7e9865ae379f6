// Runs the conversation of scenario-core.mjs in Node and prints what the client sees of it, one JSON line per observation.
//
//   node scenario.mjs <url> [--client v4|v2] [--transports polling,websocket]
import { parseArgs } from "node:util";
import { runScenario } from "./scenario-core.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    client: { type: "string", default: "v4" },
    transports: { type: "string", default: "polling,websocket" },
    deadline: { type: "string", default: "15000" },
  },
});
const v2 = options.client === "v2";

const done = await runScenario({
  io: v2 ? (await import("socket.io-client-v2")).default : (await import("socket.io-client")).io,
  url: positionals[0],
  v2,
  transports: options.transports.split(","),
  deadline: Number(options.deadline),
  bytes: (content) => Buffer.from(content),
  write: (line) => console.log(line),
});
process.exitCode = done ? 0 : 1;
setTimeout(() => process.exit(), 200);
