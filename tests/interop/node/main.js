// A server of the npm package cometd-nodejs-server: starts it, says where it is, and makes sure that it ends.

import { createServer } from "node:http";
import { Cometd } from "./cometd.js";
import { controlCalls } from "./control.js";
import { readSettings } from "./settings.js";
import { crossOrigin, sendJson, serveFile, serveResource } from "./site.js";

const HOST = "127.0.0.1";
const NOTIFICATIONS = /^\/api\/v2\/notifications(\/|$)/;
const CONTROL = "/simulator";
const MILLISECONDS_TO_ANSWER = 20;
const MILLISECONDS_TO_BIND_AGAIN = 100;

const settings = settingsOrEnd();
const cometd = new Cometd(settings);
const control = controlCalls(cometd, restart);
const server = createServer(answer);
server.listen(settings.port, HOST, () => {
  console.log(JSON.stringify({ listening: `http://${HOST}:${server.address().port}` }));
});
server.once("error", ({ message }) => end(2, message));
process.stdin.on("end", () => end(0)).resume();
setTimeout(() => end(0), settings.maxLifetimeSeconds * 1_000);

function settingsOrEnd() {
  try {
    return readSettings(process.argv.slice(2));
  } catch ({ message }) {
    return end(2, message);
  }
}

function end(status, message) {
  if (message) console.error(`interop: ${message}`);
  process.exit(status);
}

function answer(request, response) {
  const path = request.url.split("?", 1)[0];
  if (crossOrigin(request, response)) return;
  if (NOTIFICATIONS.test(path)) cometd.handle(request, response);
  else if (path.startsWith(`${CONTROL}/`)) answerControl(request, response, path.slice(CONTROL.length));
  else if (!serveResource(path, response)) serveFile(settings.folders, path, response);
}

function answerControl(request, response, path) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => sendJson(response, ...control(request.method, path, Buffer.concat(chunks).toString("utf8"))));
}

/** Goes down as a server does whose process is killed, and comes back under the same address, shortly after this call has returned. */
function restart(downMs) {
  const { port } = server.address();
  const comeBack = () => server.listen(port, HOST);
  setTimeout(() => {
    server.close();
    server.closeAllConnections();
    cometd.startAgain();
    setTimeout(comeBack, downMs);
  }, MILLISECONDS_TO_ANSWER);
  server.removeAllListeners("error").on("error", ({ code, message }) => {
    // When the port was a free one, an outgoing connection may have got it for a moment.
    if (code === "EADDRINUSE") setTimeout(comeBack, MILLISECONDS_TO_BIND_AGAIN);
    else end(2, message);
  });
}
