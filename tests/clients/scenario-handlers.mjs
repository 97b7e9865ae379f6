// What the scenario needs of a server beyond the conformance host's contract; ScenarioNamespace.cs is its twin.

/** Handlers of the default namespace, under the names that load tools rely on. */
export function scenarioHandlers(socket) {
  socket.on("echo", (data, ack) => ack(data));
  socket.on("whoami", (ack) => ack(process.env.SERVER_ID ?? "s1"));
}

/** `/scenario`: the server's half of a conversation; `/guarded`: a namespace that lets nobody in without the word. */
export function scenarioNamespaces(io) {
  io.of("/scenario").on("connection", (socket) => {
    socket.emit("hello", 1, "2", { three: [3] }, null, true);

    // The server asks, the client's answer comes back as an event.
    socket.on("ask", (...args) => {
      socket.timeout(5000).emit("question", ...args, (error, answer) => socket.emit("answered", error ? "timeout" : answer));
    });

    // The client never answers this one.
    socket.on("ask-in-vain", () => {
      socket.timeout(200).emit("unanswered", (error) => socket.emit("answered", error ? "timeout" : "answer"));
    });

    socket.on("count", (n) => {
      for (let i = 0; i < n; i++) {
        socket.emit("number", i);
      }
    });
    socket.on("kick", () => socket.disconnect());
    socket.on("kick-out", () => socket.disconnect(true));
  });

  io.of("/guarded").use((socket, next) => {
    if (socket.handshake.auth.word === "sesame") {
      next();
      return;
    }
    const error = new Error("not authorized");
    error.data = { code: "E1", hint: "say the word" };
    next(error);
  });
  io.of("/guarded").on("connection", (socket) => socket.emit("welcome"));
}
