// The same pages from another origin, as where a desktop comes from another server than GWS.

import { once } from "node:events";
import { createServer, get } from "node:http";

/**
 * Serves what the simulator serves at `address`.
 *
 * @param {string} address
 * @returns {Promise<{ origin: string, close(): Promise<void> }>}
 */
export async function otherOrigin(address) {
  const server = createServer(({ url }, response) => {
    const asked = get(address + url, { agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    asked.on("error", () => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

/** Takes an agent's page to that origin, from where it uses GWS at `address`, and logs him in. */
export async function moveTo(origin, address, agent, user = "anna") {
  await agent.page.goto(`${origin}/index.html`);
  await agent.page.evaluate((address) => {
    e2e.server = address;
  }, address);
  await agent.logIn(user);
}
