// Node's emitter: runs operations, given as JSON, and ends.
//   node emitter.mjs <redis> '[{"op": "emit", "rooms": ["a"], "args": ["test", 1]}, …]'
import { createClient } from "redis";
import { Emitter } from "@socket.io/redis-emitter";

const [, , redis, json] = process.argv;
const client = createClient({ url: `redis://${redis}` });
await client.connect();
for (const { op, nsp = "/", rooms = [], except = [], args = [] } of JSON.parse(json, (_, value) => (typeof value?.$binary === "string" ? Buffer.from(value.$binary, "base64") : value))) {
  let target = new Emitter(client).of(nsp);
  target = rooms.length ? target.to(rooms) : target;
  target = except.length ? target.except(except) : target;
  await target[op](...args);
}
await client.quit();
