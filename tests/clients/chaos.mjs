// Replicas and Redis die under load; clients come back to whichever replica lives. Counts what was lost, doubled, out of order, and who was not recovered.
// Run it by tests/chaos, which builds what it needs; --help tells the options. Prints each death and who was recovered after it, the counts, and last the counts as one line of JSON.
// Exit code 1 unless nothing was lost, doubled or out of order, and everybody was recovered who could be.
import { fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    help: { type: "boolean" },
    what: { type: "string", default: "replicas" },
    seconds: { type: "string", default: "60" },
    replicas: { type: "string", default: "3" },
    clients: { type: "string", default: "300" },
    processes: { type: "string", default: "3" },
    rooms: { type: "string", default: "10" },
    rate: { type: "string", default: "200" },
    outage: { type: "string", default: "3" },
    adapter: { type: "string", default: "streams" },
    "no-persistence": { type: "boolean", default: false },
    host: { type: "string", default: new URL("../ControlHost/bin/Debug/net10.0/ControlHost.dll", import.meta.url).pathname },
  },
});
if (options.help) {
  console.log(`tests/chaos [options]
  --what replicas|redis|both  what dies (replicas): each replica in turn by kill -9, restarted a second later; Redis by kill -9, restarted after --outage
  --seconds N                 how long messages are sent (60)
  --replicas N --clients N --rooms N --rate N   3 replicas, 300 clients in 10 rooms, 200 messages a second
  --processes N               over how many processes the clients are spread (3)
  --outage N                  seconds that Redis stays away (3)
  --adapter NAME              streams; the others lose messages, which shows that the counting works
  --no-persistence            Redis keeps nothing over its death (without it: an append-only file)
With "both" a replica may die while it holds what Redis could not take: that dies with it, and is counted as held.
  --host PATH                 ControlHost.dll`);
  process.exit(0);
}

const number = (name) => Number(options[name]);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const folder = mkdtempSync(join(tmpdir(), "stickyaspire-chaos-"));
const children = new Set();
const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
const started = performance.now();
const log = (text) => console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);

process.on("exit", () => {
  children.forEach((child) => child.kill("SIGKILL"));
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(130));
}

class Program {
  constructor(name, command, args, env, isReady) {
    Object.assign(this, { name, command, args, env, isReady });
  }

  async start() {
    const child = spawn(this.command, this.args, { env: { ...process.env, ...this.env }, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    children.add(child);
    this.output ??= "";
    let output = "";
    const keep = (data) => {
      output = (output + data).slice(-4000);
      this.output = (this.output + data).slice(-4000);
    };
    child.exited = new Promise((resolve) => child.on("exit", resolve));
    await new Promise((resolve, reject) => {
      child.stdout.on("data", (data) => {
        keep(data);
        if (this.isReady(output)) {
          resolve();
        }
      });
      child.stderr.on("data", keep);
      child.on("exit", (code) => reject(new Error(`${this.name} ended with ${code}: ${output}`)));
    });
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.child.exited;
    children.delete(this.child);
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** One operation of a replica's control endpoint. An error with `neverSent` is one that surely had no effect. */
function control(url, body) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    let isConnected = false;
    const call = request(`${url}/control`, { method: "POST", agent, timeout: 20_000, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) } }, (response) => {
      let answer = "";
      response.on("data", (data) => (answer += data));
      response.on("error", reject);
      response.on("end", () => {
        const { result, error } = JSON.parse(answer);
        error ? reject(new Error(error)) : resolve(result);
      });
    });
    call.on("socket", (socket) => (socket.connecting ? socket.once("connect", () => (isConnected = true)) : (isConnected = true)));
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", (error) => reject(Object.assign(error, { neverSent: !isConnected })));
    call.end(text);
  });
}

const redisPort = await freePort();
const redis = new Program(
  "redis-server",
  "redis-server",
  ["--port", redisPort, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", options["no-persistence"] ? "no" : "yes"].map(String),
  {},
  (output) => output.includes("Ready to accept connections"),
);
await redis.start();

const replicas = [];
for (let i = 0; i < number("replicas"); i++) {
  const port = await freePort();
  const env = { PORT: String(port), HOST: "127.0.0.1", ADAPTER: options.adapter, CSR: "1", REDIS: `127.0.0.1:${redisPort}` };
  const [command, args] = options.host.endsWith(".mjs") ? ["node", [options.host]] : ["dotnet", [options.host]];
  const replica = new Program(`replica ${i + 1}`, command, args, env, (output) => output.includes("ready"));
  replica.url = `http://127.0.0.1:${port}`;
  replica.took = [];
  replicas.push(replica);
}
await Promise.all(replicas.map((replica) => replica.start()));
for (const replica of replicas) {
  while ((await control(replica.url, { op: "serverCount" }).catch(() => 0)) !== replicas.length) {
    await sleep(50);
  }
}

// The clients, each in one room.
const rooms = Array.from({ length: number("rooms") }, (_, i) => `room ${i}`);
const workers = Array.from({ length: number("processes") }, () => fork(new URL("chaos-clients.mjs", import.meta.url).pathname));
for (const worker of workers) {
  children.add(worker);
  worker.on("message", ({ what, text }) => what === "notRecovered" && log(text));
}
const all = (what, more) =>
  Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve) => {
          const onMessage = (message) => {
            if (message.what === what) {
              worker.off("message", onMessage);
              resolve(message);
            }
          };
          worker.on("message", onMessage);
          worker.send({ what, ...more(workers.indexOf(worker)) });
        }),
    ),
  );
await all("start", (worker) => ({
  urls: replicas.map((replica) => replica.url),
  rooms: Array.from({ length: number("clients") }, (_, i) => rooms[i % rooms.length]).filter((_, i) => i % workers.length === worker),
}));
// A client can say where it stopped only once it has seen an event.
await control(replicas[0].url, { op: "emit", args: ["begin"] });
await all("begun", () => ({}));
log(`${options.clients} clients in ${rooms.length} rooms are connected to ${replicas.length} replicas`);

// The senders: several for each room, each numbers its messages and sends one after another, by whichever replica takes it.
const perRoom = 2;
const lanes = rooms.flatMap((room, r) => Array.from({ length: perRoom }, (_, k) => ({ id: r * perRoom + k, room, sent: 0, uncertain: [], held: [], at: (r + k) % replicas.length })));
const interval = (1000 * lanes.length) / number("rate");
let isSending = true;
let retries = 0;
let errors = 0;

async function send(lane) {
  const n = ++lane.sent;
  for (;;) {
    const replica = replicas[lane.at];
    try {
      await control(replica.url, { op: "emit", rooms: [lane.room], args: ["message", lane.id, n] });
      replica.took.push({ lane, n, at: performance.now() });
      return;
    } catch (error) {
      lane.at = (lane.at + 1) % replicas.length;
      if (!error.neverSent) {
        // It may have been sent and may not: everyone gets it, or nobody.
        lane.uncertain.push(n);
        errors++;
        return;
      }
      retries++;
      await sleep(20);
    }
  }
}

const sending = lanes.map(async (lane) => {
  let next = performance.now() + Math.random() * interval;
  while (isSending) {
    await send(lane);
    next += interval;
    await sleep(Math.max(0, next - performance.now()));
  }
});

const deaths = { replicas: 0, redis: 0 };
let redisLeft = Infinity;
let held = 0;

/** What a replica took since Redis went away may have died with it: everyone got it, or some did, or nobody. */
function markHeld(replica) {
  for (const { lane, n } of replica.took.filter(({ at }) => at >= redisLeft - 100)) {
    lane.held.push(n);
    held++;
  }
  replica.took = [];
}

/** How many have come back since the last call, once all that were cut off have. */
async function tellReturns(cutOff) {
  const before = returns;
  for (let i = 0; i < 100; i++) {
    const counts = await all("count", () => ({}));
    returns = { recovered: total(counts, "recovered"), notRecovered: total(counts, "notRecovered") };
    if (counts.every(({ connected }) => connected) && returns.recovered + returns.notRecovered > before.recovered + before.notRecovered) {
      break;
    }
    await sleep(100);
  }
  log(`${returns.recovered - before.recovered} clients were recovered after ${cutOff}, ${returns.notRecovered - before.notRecovered} were not`);
}
let returns = { recovered: 0, notRecovered: 0 };
const total = (reports, name) => reports.reduce((all, report) => all + report[name], 0);
const end = performance.now() + number("seconds") * 1000;
const time = () => end - performance.now();

async function killReplicas() {
  for (let i = 0; time() > 3000 || i < replicas.length; i++) {
    const replica = replicas[i % replicas.length];
    await sleep(2000);
    log(`kill -9 ${replica.name}`);
    await replica.kill();
    deaths.replicas++;
    if (performance.now() > redisLeft) {
      markHeld(replica);
    }
    await sleep(1000);
    await replica.start();
    log(`${replica.name} is back`);
    await tellReturns(replica.name);
  }
}

async function killRedis() {
  do {
    await sleep(3000);
    log("kill -9 redis-server");
    redisLeft = Math.min(redisLeft, performance.now());
    await redis.kill();
    deaths.redis++;
    await sleep(number("outage") * 1000);
    await redis.start();
    log("redis-server is back");
    await sleep(7000);
    redisLeft = Infinity;
    replicas.forEach((replica) => (replica.took = []));
  } while (time() > 0);
}

await Promise.all([
  options.what === "redis" ? undefined : killReplicas(),
  options.what === "replicas" ? undefined : killRedis(),
  sleep(number("seconds") * 1000),
]);
const sendingSeconds = (performance.now() - end) / 1000 + number("seconds");
isSending = false;
await Promise.all(sending);
log("everything is sent");

const reports = await all("finish", () => ({ lanes: lanes.map(({ id, room, sent, uncertain, held }) => ({ id, room, sent, uncertain, held })) }));
const sum = (name) => total(reports, name);
// What nobody knows to have been sent must have reached all who could get it, or none.
const split = new Map();
for (const { uncertain } of reports) {
  for (const [key, { seen, missed }] of Object.entries(uncertain)) {
    const entry = split.get(key) ?? { seen: 0, missed: 0 };
    split.set(key, { seen: entry.seen + seen, missed: entry.missed + missed });
  }
}
const torn = [...split.values()].filter(({ seen, missed }) => seen > 0 && missed > 0).reduce((total, { missed }) => total + missed, 0);
const sent = lanes.reduce((total, lane) => total + lane.sent, 0);
// Without Redis nobody can be recovered, and without what it held neither; then a new session is the honest end.
const mayBeNew = options.what === "both" || options["no-persistence"];
const result = {
  what: options.what,
  seconds: number("seconds"),
  deaths,
  sent,
  perSecond: Math.round(sent / sendingSeconds),
  delivered: sum("delivered"),
  uncertain: errors,
  held,
  reconnects: sum("reconnects"),
  recovered: sum("recovered"),
  notRecovered: sum("notRecovered"),
  lost: sum("lost") + torn,
  doubled: sum("doubled"),
  outOfOrder: sum("outOfOrder"),
};
for (const { examples } of reports) {
  examples.slice(0, 5).forEach((example) => log(example));
}
if (result.notRecovered > 0 && !mayBeNew) {
  replicas.forEach(({ name, url, output }) => output && log(`${name} (${url}) said:\n${output}`));
}
log(`sent ${result.sent} (${result.perSecond} a second; ${errors} without an answer), delivered ${result.delivered}`);
log(`lost ${result.lost}, doubled ${result.doubled}, out of order ${result.outOfOrder}; recovered ${result.recovered}, not recovered ${result.notRecovered}`);
console.log(JSON.stringify(result));
const isGood = result.lost + result.doubled + result.outOfOrder === 0 && result.delivered > 0 && (mayBeNew || result.notRecovered === 0);
process.exit(isGood ? 0 : 1);
