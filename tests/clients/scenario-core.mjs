// One fixed conversation with a conformance host, for any JavaScript that runs socket.io-client: Node and browsers.
// Ids are told apart but not written, so what two servers show can be compared line by line.

/**
 * Runs the conversation.
 * @param io the client library's function
 * @param url the server
 * @param v2 whether the library is 2.x
 * @param transports what the client may use
 * @param deadline how long to wait for anything, in milliseconds
 * @param bytes makes binary content of an array of numbers
 * @param write takes one line of JSON for each observation
 * @returns whether it came to its end
 */
export async function runScenario({ io, url, v2 = false, transports, deadline = 15_000, bytes, write }) {
  const upgrades = transports.length > 1;

  let step = "start";
  const print = (what, values = {}) => write(JSON.stringify({ step, what, ...values }));
  const sockets = new Set();
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Bytes as hexadecimal digits, and as a digest when there are many; everything else as it is. */
  function show(value) {
    if (value === undefined) {
      return "<undefined>";
    }
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const content = new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength);
      return { bytes: content.length > 32 ? digest(content) : Array.from(content, (byte) => byte.toString(16).padStart(2, "0")).join("") };
    }
    if (typeof value === "string" && value.length > 256) {
      return { text: digest(new TextEncoder().encode(value)) };
    }
    if (Array.isArray(value)) {
      return value.map(show);
    }
    if (value instanceof Error) {
      return { message: value.message, data: show(value.data) };
    }
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, show(inner)]));
    }
    return value;
  }

  /** Length and FNV-1a. */
  function digest(content) {
    let hash = 0x811c9dc5;
    for (const byte of content) {
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
    return `${content.length}:${hash.toString(16)}`;
  }

  const once = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));

  async function within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${step}: no ${what} within ${deadline} ms`)), deadline);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A socket whose events are kept until somebody asks for the next one. */
  class Client {
    static names = [
      "connect", "disconnect", "connect_error", "error", "auth", "message-back",
      "hello", "question", "unanswered", "answered", "number", "welcome",
    ];

    constructor(namespace = "", extra = {}) {
      const { manager, ...own } = extra;
      this.socket = manager
        ? manager.socket(namespace, own)
        : io(url + namespace, { transports, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100, ...own });
      this.queues = new Map();
      this.waiting = new Map();
      sockets.add(this.socket);
      for (const name of Client.names) {
        this.queues.set(name, []);
        this.waiting.set(name, []);
        this.socket.on(name, (...args) => {
          // A question is answered with what it asks.
          if (name === "question") {
            args.pop()({ youAsked: args });
          }
          const waiter = this.waiting.get(name).shift();
          waiter ? waiter(args) : this.queues.get(name).push(args);
        });
      }
    }

    next(name) {
      const queue = this.queues.get(name);
      return queue.length > 0
        ? Promise.resolve(queue.shift())
        : within(new Promise((resolve) => this.waiting.get(name).push(resolve)), name);
    }

    async see(name) {
      print(name, { args: show(await this.next(name)) });
    }

    ask(name, ...args) {
      return within(new Promise((resolve) => this.socket.emit(name, ...args, (...answer) => resolve(answer))), `answer to ${name}`);
    }

    async connected() {
      await this.next("connect");
      const { socket } = this;
      // A 2.x client takes its id from the transport, a 4.x client must be told one of its own.
      print("connect", v2 ? {} : { idLength: socket.id.length, ownId: socket.id !== socket.io.engine.id, recovered: socket.recovered });
    }

    close() {
      this.socket.disconnect();
      sockets.delete(this.socket);
    }
  }

  const json = [
    [],
    [null],
    [true, false],
    [0, -1, 0.1, 1e21, 1e-7, 9007199254740991, -2147483649, 4294967296],
    ["", "text", "\"quoted\" \\ / \b\f\n\r\t \u0000 \u001e", "żółć €uro 😀 \u2028 \u2029", "<b>&amp;</b>'+"],
    [{}, [], [[]], { a: { b: [1, { c: null }] }, "": 0, "key with space": true, "ключ": 1 }],
    [undefined],
    [new Date(0)],
    [1, "two", { three: 3 }, [4], null],
    ["1", "12-[]", "/nsp,", "{\"_placeholder\":true}"],
    [{ _placeholder: false, num: 0 }],
  ];

  const binary = [
    [bytes([1, 2, 3])],
    [bytes([])],
    [bytes([0, 255, 128, 4]), "between", bytes([30])],
    [{ deep: [{ bytes: bytes(new TextEncoder().encode("deep")) }, 1], also: bytes(new TextEncoder().encode("also")), none: null }],
    [new Uint8Array([9, 8, 7]), new Uint8Array([6, 5]).buffer],
    [Array.from({ length: 10 }, (_, i) => bytes([i]))],
  ];

  async function main() {
    step = "connect";
    const auth = { token: "abc", n: 1, nested: { list: [1, null], text: "żółć" } };
    const root = new Client("", { auth });
    await root.connected();
    await root.see("auth");

    if (upgrades) {
      step = "upgraded";
      const { engine } = root.socket.io;
      if (engine.transport.name !== "websocket") {
        await within(once(engine, "upgrade"), "upgrade");
      }
      print(engine.transport.name);
    }

    step = "events";
    for (const args of [...json, ...binary]) {
      root.socket.emit("message", ...args);
      await root.see("message-back");
    }

    step = "acks";
    for (const args of [...json, ...binary]) {
      print("ack", { args: show(await root.ask("message-with-ack", ...args)) });
    }

    step = "big";
    for (const big of ["x".repeat(100_000), "ż😀".repeat(50_000), bytes(new Uint8Array(300_000).fill(7)), bytes(Uint8Array.from({ length: 600_000 }, (_, i) => 97 + (i & 1)))]) {
      print("ack", { args: show(await root.ask("message-with-ack", big)) });
    }

    step = "order";
    for (let i = 0; i < 500; i++) {
      root.socket.emit("message", i, i % 7 === 0 ? bytes([i & 255]) : "text");
    }
    const echoed = [];
    while (echoed.length < 500) {
      echoed.push((await root.next("message-back"))[0]);
    }
    print("echoed", { count: echoed.length, inOrder: echoed.every((n, i) => n === i) });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => root.ask("message-with-ack", i)));
    print("answers", { count: answers.length, each: answers.every(([n], i) => n === i) });

    step = "namespaces";
    const manager = root.socket.io;
    const custom = new Client("/custom", { manager, auth: { to: "custom" } });
    await custom.connected();
    await custom.see("auth");
    if (!v2) {
      print("ids", { apart: custom.socket.id !== root.socket.id });
    }
    const unknown = new Client("/unknown", { manager });
    await unknown.see(v2 ? "error" : "connect_error");
    print("unknown", { connected: unknown.socket.connected });
    unknown.close();

    step = "middleware";
    const refused = new Client("/guarded", { manager, auth: { word: "please" } });
    await refused.see(v2 ? "error" : "connect_error");
    refused.close();
    const admitted = new Client(v2 ? "/guarded?word=sesame" : "/guarded", { auth: { word: "sesame" } });
    await admitted.connected();
    await admitted.see("welcome");
    admitted.close();

    step = "server asks";
    const scenario = new Client("/scenario", { manager });
    await scenario.connected();
    await scenario.see("hello");
    for (const args of [[], [1, "two"], [{ bytes: bytes([1, 2]) }, bytes([3])]]) {
      scenario.socket.emit("ask", ...args);
      await scenario.see("answered");
    }
    scenario.socket.emit("ask-in-vain");
    await scenario.see("answered");

    step = "server sends many";
    scenario.socket.emit("count", 500);
    const numbers = [];
    while (numbers.length < 500) {
      numbers.push((await scenario.next("number"))[0]);
    }
    print("numbers", { count: numbers.length, inOrder: numbers.every((n, i) => n === i) });

    step = "server disconnects one namespace";
    scenario.socket.emit("kick");
    print("disconnect", { reason: (await scenario.next("disconnect"))[0], active: v2 || scenario.socket.active });
    print("others", { args: show(await root.ask("message-with-ack", "still here")), connected: custom.socket.connected });
    scenario.socket.connect();
    await scenario.connected();
    await scenario.see("hello");

    step = "client disconnects one namespace";
    custom.socket.disconnect();
    print("disconnect", { reason: (await custom.next("disconnect"))[0] });
    print("others", { args: show(await root.ask("message-with-ack", "still here")) });
    custom.socket.connect();
    await custom.connected();
    await custom.see("auth");

    step = "reconnection";
    const before = root.socket.id;
    const reconnected = once(manager, "reconnect");
    manager.engine.close();
    print("disconnect", { reason: (await root.next("disconnect"))[0] });
    await within(reconnected, "reconnect");
    await root.connected();
    print("id", { changed: root.socket.id !== before });
    await root.see("auth");
    await custom.next("disconnect");
    await custom.connected();
    await custom.see("auth");
    await scenario.next("disconnect");
    await scenario.connected();
    await scenario.see("hello");
    print("ack", { args: show(await root.ask("message-with-ack", "back again")) });

    step = "server disconnects everything";
    scenario.socket.emit("kick-out");
    for (const client of [root, custom, scenario]) {
      print("disconnect", { namespace: client.socket.nsp, reason: (await client.next("disconnect"))[0], connected: client.socket.connected });
    }
    await wait(300);
    print("stays", { away: !root.socket.connected });
    for (const client of [root, custom, scenario]) {
      client.close();
    }

    step = "too big";
    const flood = new Client();
    await flood.connected();
    await flood.next("auth");
    if (upgrades && flood.socket.io.engine.transport.name !== "websocket") {
      await within(once(flood.socket.io.engine, "upgrade"), "upgrade");
    }
    flood.socket.emit("message", bytes(new Uint8Array(1_100_000)));
    // Whether a client meets the refusal as an error or as an end depends on which packet of the network is read first.
    print("disconnect", { lost: /^transport (error|close)$/.test((await flood.next("disconnect"))[0]) });
    await flood.connected();
    await flood.see("auth");
    flood.close();

    step = "many connections";
    for (let i = 0; i < 20; i++) {
      // Messages travel while the connection is made, and upgraded.
      const client = new Client("/scenario");
      client.socket.emit("count", 100);
      const mine = Array.from({ length: 20 }, (_, n) => n);
      const asked = mine.map((n) => {
        client.socket.emit("ask", n);
        return client.next("answered");
      });
      const seen = [];
      while (seen.length < 100) {
        seen.push((await client.next("number"))[0]);
      }
      const got = (await Promise.all(asked)).map(([answer]) => answer.youAsked[0]);
      // The server promises the order of what it is sent, not of what it makes of the answers.
      got.sort((a, b) => a - b);
      print("seen", { inOrder: seen.every((n, k) => n === k), answers: got.every((n, k) => n === k) });
      client.close();
    }
  }

  try {
    await main();
    step = "end";
    print("done");
    return true;
  } catch (error) {
    print("failed", { error: error.message });
    return false;
  } finally {
    for (const socket of sockets) {
      socket.disconnect();
    }
  }
}
