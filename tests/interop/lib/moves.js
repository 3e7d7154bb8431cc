// Moving between the transports under messages that are published without a pause: none is lost unsaid, doubled or out of order.

import assert from "node:assert/strict";
import { newMessage } from "../../e2e/lib/texts.js";
import { expectAll, expectToldGaps, publishDuring } from "./publishing.js";
import { connectedOn } from "./session.js";

const BOTH = { transports: ["websocket", "long-polling"] };
/** Each round meets other instants of the move. */
const ROUNDS = 3;
/** Messages on either side of a move. */
const AROUND = 10;

/** Not acknowledged, the move waits for the poll's reply: it loses nothing, either. */
async function movesToSocket({ server, agent }) {
  for (let round = 1; round <= ROUNDS; round++) {
    const anna = await agent();
    await anna.create(BOTH);
    let clientId;
    const sent = await publishDuring(server, async (publishing) => {
      await anna.connect();
      clientId = await anna.clientId();
      await anna.onTransport("websocket");
      await publishing.more(AROUND);
    });
    await expectAll(anna, sent);
    assert.deepEqual(await anna.transports(), ["long-polling", "websocket"]);
    assert.deepEqual([await anna.path(), await anna.clientId()], [["connecting", "connected"], clientId]);
    assert.equal((await anna.sockets()).made, 1);
    await anna.disconnect();
    await server.empty();
  }
}

/** A fresh page for each round: this one will not trust WebSockets for a while. */
async function leavesKilledSocket(stage) {
  const { server, ack } = stage;
  for (let round = 1; round <= ROUNDS; round++) {
    const anna = await connectedOn("websocket", stage);
    const before = await anna.clientId();
    const sent = await publishDuring(server, async (publishing) => {
      await publishing.more(AROUND);
      assert.deepEqual(await server.killSockets(), { sockets: 1 });
      await anna.onTransport("long-polling");
      await anna.inState("connected");
      await publishing.more(AROUND);
    });
    await (ack ? expectAll(anna, sent) : expectToldGaps(server, anna, sent, { least: 1, most: 1 }));
    assert.equal(await anna.clientId(), before);
    await anna.disconnect();
    await server.empty();
  }
}

/** "online" is the browser's word that the network has changed: the poll is sent anew, and a socket that had failed may be tried again. */
async function movesBackAndForth(stage) {
  const { server, ack } = stage;
  const anna = await connectedOn("websocket", stage);
  const before = await anna.clientId();
  const sent = await publishDuring(server, async (publishing) => {
    await publishing.more(AROUND);
    await server.killSockets();
    await anna.onTransport("long-polling");
    await publishing.more(AROUND);
    await anna.page.evaluate(() => void dispatchEvent(new Event("online")));
    await anna.onTransport("websocket", { within: 10_000 });
    await publishing.more(AROUND);
  });
  await (ack ? expectAll(anna, sent) : expectToldGaps(server, anna, sent, { least: 1, most: 2 }));
  assert.deepEqual(await anna.transports(), ["long-polling", "websocket", "long-polling", "websocket"]);
  assert.equal(await anna.clientId(), before);
}

/** A poll that is given up may reach the server behind the connect on the socket, which it then displaces; so none is, whatever the server does with it. */
async function givesUpNoPoll({ server, agent }) {
  const anna = await agent();
  const polls = [];
  anna.page.on("request", (request) => request.url().endsWith("/connect") && polls.push(request));
  await anna.create(BOTH);
  await anna.connect();
  await server.atRestOn("websocket");
  assert.ok(polls.length >= 2, `${polls.length} polls`);
  assert.deepEqual(polls.filter((poll) => poll.failure()).map((poll) => poll.failure().errorText), []);
  const sent = Array.from({ length: AROUND }, (_, index) => `${index + 1}`);
  for (const text of sent) await server.publish({ data: newMessage(text) });
  await expectAll(anna, sent);
}

/**
 * @param {(name: string, run: (stage: object) => Promise<void>, options?: { todo?: string }) => void} scenario
 */
export function moveScenarios(scenario) {
  scenario("a session that moves to the socket loses nothing of what is published meanwhile", movesToSocket);
  scenario("a session whose socket is killed goes on by long-polling, and whatever may be missing is told", leavesKilledSocket);
  scenario("a session moves to the socket, back, and to the socket again", movesBackAndForth);
  scenario("no poll is given up for a move to the socket", givesUpNoPoll);
}
