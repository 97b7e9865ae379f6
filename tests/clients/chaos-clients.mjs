// Some of chaos.mjs's clients: each in one room, each with a diary of the messages it got; they come back to any replica, and tell in the end what the diaries say.
import { io } from "socket.io-client";

const clients = [];
let urls = [];
const pick = () => urls[Math.floor(Math.random() * urls.length)];

async function control(url, body) {
  const response = await fetch(`${url}/control`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const { result, error } = await response.json();
  if (error) {
    throw new Error(error);
  }
  return result;
}

function start(room) {
  const socket = io(pick(), { transports: ["websocket"], forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 500, timeout: 10_000 });
  const client = { room, socket, diaries: new Map(), connects: 0, recovered: 0, notRecovered: 0, hasBegun: false, hasJoined: false, epoch: 0 };
  clients.push(client);
  socket.io.on("reconnect_attempt", () => (socket.io.uri = pick()));
  socket.on("message", (lane, n) => {
    if (!client.diaries.has(lane)) {
      client.diaries.set(lane, []);
    }
    client.diaries.get(lane).push([client.epoch, n]);
  });
  socket.on("disconnect", (reason) => Object.assign(client, { goneAt: performance.now(), why: reason }));
  socket.on("begin", () => (client.hasBegun = true));
  return new Promise((resolve) => {
    socket.on("connect", async () => {
      client.connects++;
      if (socket.recovered && client.hasJoined) {
        client.recovered++;
        return;
      }
      client.hasJoined = false;
      if (client.connects > 1 && !socket.recovered) {
        process.send({ what: "notRecovered", text: `a client was not recovered by ${socket.io.uri}; it had been gone for ${Math.round(performance.now() - client.goneAt)} ms (${client.why})` });
        client.notRecovered++;
      }
      client.epoch += client.connects > 1 ? 1 : 0;
      try {
        await control(socket.io.uri, { op: "socketJoin", sid: socket.id, targets: [room] });
        client.hasJoined = true;
        resolve();
      } catch {
        // Its server has just died, and it comes back to another.
        socket.io.engine.close();
      }
    });
  });
}

function report(lanes) {
  const result = { delivered: 0, lost: 0, doubled: 0, outOfOrder: 0, reconnects: 0, recovered: 0, notRecovered: 0, uncertain: {}, examples: [] };
  clients.forEach((client, c) => {
    result.reconnects += client.connects - 1;
    result.recovered += client.recovered;
    result.notRecovered += client.notRecovered;
    for (const lane of lanes.filter((one) => one.room === client.room)) {
      const diary = client.diaries.get(lane.id) ?? [];
      const uncertain = new Set(lane.uncertain);
      const held = new Set(lane.held);
      // A client that was not recovered is a new one, and knows it: what it gets is judged from there on.
      const sessions = [];
      for (const [epoch, n] of diary) {
        if (sessions.at(-1)?.epoch !== epoch) {
          sessions.push({ epoch, first: n, highest: 0, seen: new Set() });
        }
        const session = sessions.at(-1);
        result.delivered++;
        if (session.seen.has(n)) {
          result.doubled++;
          result.examples.push(`client ${c}, sender ${lane.id}: ${n} came twice`);
        } else if (n < session.highest && !uncertain.has(n) && !held.has(n)) {
          result.outOfOrder++;
          result.examples.push(`client ${c}, sender ${lane.id}: ${n} came after ${session.highest}`);
        }
        session.seen.add(n);
        session.highest = Math.max(session.highest, n);
      }
      if (client.epoch === 0 && sessions.length === 0) {
        sessions.push({ epoch: 0, seen: new Set() });
      }
      for (let n = 1; n <= lane.sent; n++) {
        const wasSeen = sessions.some(({ seen }) => seen.has(n));
        const wasDue = sessions.some(({ epoch, first, highest }) => (epoch === 0 || n > first) && (epoch === client.epoch || n < highest));
        if (held.has(n)) {
          continue;
        }
        if (uncertain.has(n)) {
          const entry = (result.uncertain[`${lane.id}:${n}`] ??= { seen: 0, missed: 0 });
          entry.seen += wasSeen ? 1 : 0;
          entry.missed += !wasSeen && wasDue ? 1 : 0;
        } else if (!wasSeen && wasDue) {
          result.lost++;
          result.examples.push(`client ${c}, sender ${lane.id}: ${n} of ${lane.sent} was lost`);
        }
      }
    }
  });
  return result;
}

/** Until nothing has come for a while, and everybody is connected. */
async function settle() {
  const count = () => clients.reduce((total, client) => total + [...client.diaries.values()].reduce((sum, diary) => sum + diary.length, 0), 0);
  let last = -1;
  for (let quiet = 0, rounds = 0; quiet < 6 && rounds < 120; rounds++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = count();
    quiet = now === last && clients.every((client) => client.socket.connected) ? quiet + 1 : 0;
    last = now;
  }
}

process.on("message", async ({ what, ...message }) => {
  switch (what) {
    case "start":
      urls = message.urls;
      await Promise.all(message.rooms.map(start));
      process.send({ what });
      break;
    case "begun":
      while (!clients.every((client) => client.hasBegun)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      process.send({ what });
      break;
    case "count":
      process.send({
        what,
        connected: clients.every((client) => client.socket.connected && client.hasJoined),
        recovered: clients.reduce((total, client) => total + client.recovered, 0),
        notRecovered: clients.reduce((total, client) => total + client.notRecovered, 0),
      });
      break;
    case "finish":
      await settle();
      process.send({ what, ...report(message.lanes) });
      break;
  }
});
process.on("disconnect", () => process.exit(0));
