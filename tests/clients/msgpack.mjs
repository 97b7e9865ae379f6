// Talks MessagePack with a server: node msgpack.mjs <url>. Prints what came back as JSON, bytes as {"bytes": "base64"}.
import { io } from "socket.io-client";
import parser from "socket.io-msgpack-parser";

const show = (value) =>
  value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("base64") }
  : Array.isArray(value) ? value.map(show)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, show(each)]))
  : value;
const seen = [];
for (const transports of [["websocket"], ["polling"]]) {
  const socket = io(process.argv[2], { parser, transports, auth: { token: "abc", n: 1.5 }, reconnection: false });
  const auth = new Promise((resolve) => socket.once("auth", resolve));
  const back = new Promise((resolve) => socket.once("message-back", (...args) => resolve(args)));
  await new Promise((resolve, reject) => (socket.once("connect", resolve), socket.once("connect_error", reject)));
  seen.push(show(await auth));
  socket.emit("message", 1, -5, 2 ** 52, 0.5, "żółć 😀", null, true, { deep: [new Uint8Array([1, 2, 3])] }, Buffer.from([4]));
  seen.push(show(await back));
  seen.push(show(await socket.emitWithAck("message-with-ack", { bytes: Buffer.alloc(3, 7) })));
  const refused = io(`${process.argv[2]}/unknown`, { parser, transports, reconnection: false, forceNew: true });
  seen.push(await new Promise((resolve) => refused.once("connect_error", (error) => resolve(error.message))));
  const reason = new Promise((resolve) => socket.once("disconnect", resolve));
  socket.emit("kick");
  seen.push(await reason);
  refused.disconnect();
}
console.log(JSON.stringify(seen));
process.exit(0);
