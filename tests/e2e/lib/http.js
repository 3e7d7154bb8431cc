// JSON over HTTP, each request on a connection of its own: a test that cuts every connection must not cut the next call of its own.

import { request } from "node:http";

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body] sent as JSON
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number, text: string, json: () => any }>}
 */
export function send(method, url, body, headers = {}) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers: { ...(payload && { "Content-Type": "application/json" }), ...headers } }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode, text, json: () => JSON.parse(text) });
      });
    });
    sent.on("error", reject);
    sent.end(payload);
  });
}
