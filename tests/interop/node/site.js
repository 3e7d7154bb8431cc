// What is served beside CometD: files, the two GWS resources that the client reads by itself, and the cross-origin headers of both.

import { createReadStream, realpathSync, statSync } from "node:fs";
import { extname, join, sep } from "node:path";

const LOOPBACK = /^https?:\/\/127\.0\.0\.1(:\d+)?$/;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json", ".css": "text/css" };
/** An agent who has no IM session, and who is logged in without any login. */
const RESOURCES = { "/api/v2/me": { statusCode: 0, user: {} }, "/api/v2/me/im-sessions": { statusCode: 0, imSessions: [] } };

export function sendJson(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** Lets any page of this machine read the answers, with its cookies. Gives true when the request was a preflight and is answered. */
export function crossOrigin(request, response) {
  const { origin } = request.headers;
  response.setHeader("Vary", "Origin");
  if (origin !== undefined && LOOPBACK.test(origin)) {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Allow-Methods", "GET,POST,PUT,DELETE");
    response.setHeader("Access-Control-Allow-Headers", "Accept,Authorization,Content-Type,X-CSRF-TOKEN,X-Requested-With");
  }
  if (request.method !== "OPTIONS") return false;
  response.writeHead(200).end();
  return true;
}

/** Answers with a GWS resource; gives false when there is none of that path. */
export function serveResource(path, response) {
  if (!path.startsWith("/api/v2/")) return false;
  const resource = RESOURCES[path];
  if (resource) sendJson(response, 200, resource);
  else sendJson(response, 404, { statusCode: 6, statusMessage: "There is no such resource" });
  return true;
}

/** @param {[prefix: string, folder: string][]} folders longest prefix first */
export function serveFile(folders, path, response) {
  const file = findFile(folders, path.endsWith("/") ? `${path}index.html` : path);
  if (!file) return void response.writeHead(404, { "Content-Type": "text/plain" }).end("There is no such file.\n");
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Cache-Control": "no-store" });
  createReadStream(file).pipe(response);
}

/** Neither dots nor symbolic links lead out of a folder. */
function findFile(folders, path) {
  const [prefix, folder] = folders.find(([prefix]) => path.startsWith(prefix)) ?? [];
  if (!folder) return undefined;
  try {
    const file = realpathSync(join(folder, decodeURIComponent(path.slice(prefix.length))));
    return file.startsWith(realpathSync(folder) + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
