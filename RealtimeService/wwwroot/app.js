"use strict";

const element = (id) => document.getElementById(id);
const protocol = () => document.querySelector("input[name=protocol]:checked").value;
const animals = ["otter", "heron", "badger", "lynx", "marten", "plover", "stoat", "wren"];
let connection;
let server;

element("name").value = `${animals[Math.floor(Math.random() * animals.length)]}-${Math.floor(Math.random() * 90 + 10)}`;

function showTransports() {
  element("transport").replaceChildren(...transports[protocol()].map(([label], index) => new Option(label, index)));
}

function showMissing() {
  const missing = [["socket.io-client", window.io], ["@microsoft/signalr", window.signalR]].filter(([, script]) => !script).map(([name]) => name);
  if (missing.length > 0) {
    element("missing").hidden = false;
    element("missing").textContent =
      `This page lacks ${missing.join(" and ")}: npm was not there when RealtimeService was built. Install Node.js and build again. Everything else runs.`;
  }
}

function showServer(id) {
  server = id;
  element("server").textContent = id ?? "not connected";
  element("server").dataset.server = id ?? "";
}

async function showRecovery() {
  try {
    const { adapter, recovery } = await (await fetch("status")).json();
    element("recovery").textContent = `${recovery ? "on" : "off"} (${adapter})`;
    element("recovery").title = recovery
      ? "A Socket.IO client that loses its connection, or its server, gets its session back on any server, with what it missed."
      : "A Socket.IO client that loses its connection begins anew: this backplane keeps no sessions.";
  } catch {
    element("recovery").textContent = "unknown";
  }
}

function addLine(...nodes) {
  const line = document.createElement("li");
  line.append(...nodes);
  element("messages").append(line);
  line.scrollIntoView({ block: "nearest" });
  return line;
}

function span(className, text) {
  const result = document.createElement("span");
  result.className = className;
  result.textContent = text;
  return result;
}

function badge(id) {
  const result = span("badge", id);
  result.dataset.server = id;
  return result;
}

function addNotice(text) {
  addLine(text).className = "notice-line";
}

function addMessage({ from, text, server: at, protocol: by }) {
  addLine(span("from", from), badge(at), span("by", by), span("text", text));
}

function showHere(members) {
  element("here").replaceChildren(
    ...members.map(({ name, server: at, protocol: by }) => {
      const item = document.createElement("li");
      item.append(span("from", name), badge(at), span("by", by));
      return item;
    }),
  );
}

function setJoined(joined) {
  element("toggle").textContent = joined ? "Leave" : "Join";
  element("text").disabled = element("say").disabled = !joined;
  for (const id of ["transport", "name", "room"]) {
    element(id).disabled = joined;
  }
  for (const input of document.querySelectorAll("input[name=protocol]")) {
    input.disabled = joined;
  }
}

async function enter() {
  try {
    const { server: answered, here } = await connection.join(element("room").value, element("name").value);
    showServer(answered);
    showHere(here);
    element("status").textContent = "online";
    element("text").focus();
  } catch (error) {
    addNotice(error.message);
  }
}

async function onEvent(event, content) {
  if (event === "message") {
    addMessage(content);
    return;
  }
  addNotice(`${content.name} has ${event} (${content.protocol} on ${content.server})`);
  showHere(await connection.who(element("room").value));
}

element("connect").addEventListener("submit", (submit) => {
  submit.preventDefault();
  if (connection) {
    connection.close();
    connection = undefined;
    setJoined(false);
    showServer(undefined);
    element("status").textContent = "offline";
    return;
  }
  const connect = protocol() === "socket.io" ? connectBySocketIO : connectBySignalR;
  if (!(protocol() === "socket.io" ? window.io : window.signalR)) {
    return;
  }
  element("status").textContent = "connecting";
  connection = connect(transports[protocol()][element("transport").value][1], {
    connected: enter,
    event: onEvent,
    announcement: addNotice,
    status: (text) => (element("status").textContent = text),
    transport: (name) => (element("used").textContent = name),
    session: (id) => (element("session").textContent = id),
  });
  setJoined(true);
});

element("send").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const text = element("text").value.trim();
  if (!text) {
    return;
  }
  try {
    await connection.say(text);
    element("text").value = "";
  } catch (error) {
    addNotice(error.message);
  }
});

for (const input of document.querySelectorAll("input[name=protocol]")) {
  input.addEventListener("change", showTransports);
}
showTransports();
showMissing();
showRecovery();
