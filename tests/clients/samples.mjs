// Drives one of the samples with socket.io-client, and says what it saw as one line of JSON.
// node samples.mjs chat|private-messages|file-upload <url>
import { createHash, randomBytes } from "node:crypto";
import { io } from "socket.io-client";

const [sample, url] = process.argv.slice(2);
const open = [];
const connect = (auth) => {
  const socket = io(url, { auth, reconnection: false, forceNew: true });
  open.push(socket);
  return socket;
};
const once = (socket, event) => new Promise((resolve, reject) => {
  socket.once(event, resolve);
  setTimeout(() => reject(new Error(`no ${event} within 10 s`)), 10_000).unref();
});

const samples = {
  async chat() {
    const [ann, bob] = [connect(), connect()];
    const first = await ann.emitWithAck("add user", "Ann");
    const joined = once(ann, "user joined");
    const second = await bob.emitWithAck("add user", "Bob");
    const refused = await bob.emitWithAck("add user", "Bob again");
    const message = once(bob, "new message");
    ann.emit("new message", "hello");
    const typing = once(ann, "typing");
    bob.emit("typing");
    const seen = { first, joined: await joined, second: second.sort(), refused: refused.error, message: await message, typing: await typing };
    const left = once(ann, "user left");
    bob.disconnect();
    return { ...seen, left: await left };
  },

  async "private-messages"() {
    const refused = (await once(connect({}), "connect_error")).message;
    const ann = connect({ username: "Ann" });
    await once(ann, "users");
    const [tab1, tab2] = [connect({ username: "Bob" }), connect({ username: "Bob" })];
    const users = await Promise.all([once(tab1, "users"), once(tab2, "users")]);
    const got = Promise.all([once(tab1, "private message"), once(tab2, "private message")]);
    const toBob = await ann.emitWithAck("private message", "Bob", "psst");
    const toNobody = await ann.emitWithAck("private message", "Carol", "anybody?");
    const messages = await got;
    let gone = 0;
    ann.on("user disconnected", () => gone++);
    tab1.disconnect();
    await ann.emitWithAck("private message", "Carol", "still there?");
    const goneAfterOne = gone;
    const left = once(ann, "user disconnected");
    tab2.disconnect();
    return { refused, users: users[1], toBob, toNobody, messages, goneAfterOne, left: await left };
  },

  async "file-upload"() {
    const socket = connect();
    const file = randomBytes(1_000_000);
    const { chunk } = await socket.emitWithAck("upload:start", file.length);
    const acks = [];
    for (let offset = 0; offset < file.length; offset = acks.at(-1)) {
      acks.push(await socket.emitWithAck("upload:chunk", offset, file.subarray(offset, offset + chunk)));
    }
    const tooMuch = await socket.emitWithAck("upload:chunk", file.length, Buffer.from([1]));
    const { sha256 } = await socket.emitWithAck("upload:end");
    return { acks, tooMuch: tooMuch.error, equal: sha256 === createHash("sha256").update(file).digest("hex") };
  },
};

const result = await samples[sample]();
open.forEach((socket) => socket.disconnect());
console.log(JSON.stringify(result));
process.exit(0);
