// The same chat over either protocol. Both give an object with join, say and close, and call back with what happens.
"use strict";

const transports = {
  "socket.io": [
    ["polling, then WebSocket", ["polling", "websocket"]],
    ["WebSocket only", ["websocket"]],
    ["polling only", ["polling"]],
  ],
  signalr: [
    ["WebSocket", "WebSockets"],
    ["server-sent events", "ServerSentEvents"],
    ["long polling", "LongPolling"],
  ],
};

/** Socket.IO: namespace "/" greets with the server's name, namespace "/chat" is the chat. */
function connectBySocketIO(transport, on) {
  const manager = new io.Manager({ transports: transport });
  const root = manager.socket("/");
  const chat = manager.socket("/chat");
  const showTransport = () => on.transport(manager.engine.transport.name);
  manager.on("open", () => {
    showTransport();
    manager.engine.on("upgrade", showTransport);
    on.session(manager.engine.id);
  });
  manager.on("reconnect_attempt", (attempt) => on.status(`reconnecting, attempt ${attempt}`));
  root.on("announcements", ({ message }) => on.announcement(message));
  chat.on("connect", () => on.connected());
  chat.on("connect_error", (error) => on.status(`no connection: ${error.message}`));
  chat.on("disconnect", (reason) => on.status(reason));
  for (const event of ["message", "joined", "left"]) {
    chat.on(event, (content) => on.event(event, content));
  }
  manager.connect();
  const ask = async (...args) => {
    const answer = await chat.timeout(5000).emitWithAck(...args);
    if (answer?.error) {
      throw new Error(answer.error);
    }
    return answer;
  };
  return {
    join: (room, name) => ask("join", room, name),
    who: (room) => ask("who", room),
    say: (text) => ask("message", text),
    close: () => (chat.disconnect(), root.disconnect()),
  };
}

/** SignalR: hub /hubs/chat. */
function connectBySignalR(transport, on) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl("hubs/chat", { transport: signalR.HttpTransportType[transport] })
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: ({ previousRetryCount }) => Math.min(500 * 2 ** previousRetryCount, 5000) })
    .configureLogging(signalR.LogLevel.Warning)
    .build();
  const up = () => {
    on.transport(transport);
    on.session(connection.connectionId ?? "–");
    on.connected();
  };
  connection.onreconnecting(() => on.status("reconnecting"));
  connection.onreconnected(up);
  connection.onclose((error) => on.status(error ? error.message : "closed"));
  for (const event of ["message", "joined", "left"]) {
    connection.on(event, (content) => on.event(event, content));
  }
  connection.start().then(up, (error) => on.status(`no connection: ${error.message}`));
  return {
    join: (room, name) => connection.invoke("Join", room, name),
    who: (room) => connection.invoke("Who", room),
    say: (text) => connection.invoke("Message", text),
    close: () => connection.stop(),
  };
}
