// Messages published in a steady beat while something else happens, and what must be true of those that come.

import assert from "node:assert/strict";
import { setInterval as every } from "node:timers/promises";
import { newMessage } from "../../e2e/lib/texts.js";
import { throughout, until } from "../../e2e/lib/wait.js";

const BEAT_MS = 3;
/** Longer than a poll that brings something again would need. */
const SILENCE_MS = 600;
const ARRIVAL = { within: 10_000 };

export class Publishing {
  #server;
  #loop;
  #going = true;
  /** The texts that were delivered to a session, oldest first: the server says so of each. */
  sent = [];

  /** Publishes 1, 2, 3, … from now on. */
  constructor(server) {
    this.#server = server;
    this.#loop = this.#run();
    // Whoever calls stop() hears of a failure; until then it must not end the process.
    this.#loop.catch(() => {});
  }

  async #run() {
    let number = 0;
    for await (const _ of every(BEAT_MS)) {
      if (!this.#going) return;
      const text = `${++number}`;
      const { sessions } = await this.#server.publish({ data: newMessage(text) });
      if (sessions > 0) this.sent.push(text);
    }
  }

  /** Resolves when `count` more have been delivered. */
  more(count) {
    const goal = this.sent.length + count;
    return until(`${goal} published`, () => this.sent.length >= goal, ARRIVAL);
  }

  async stop() {
    this.#going = false;
    await this.#loop;
  }
}

/** Runs `action` while messages are published; gives the texts that were delivered. */
export async function publishDuring(server, action) {
  const publishing = new Publishing(server);
  try {
    await action(publishing);
  } finally {
    await publishing.stop();
  }
  return publishing.sent;
}

/** Each came once and in order, and nothing was said that makes a caller doubt it. */
export async function expectAll(agent, sent) {
  assert.deepEqual(await agent.textsOf(sent.length, ARRIVAL), sent);
  await throughout("nothing comes twice", SILENCE_MS, async () => (await agent.texts()).length === sent.length);
  assert.deepEqual([await agent.events("gap"), await agent.events("warning")], [[], []]);
}

/**
 * They came in order, none twice, the last one among them; and it was said that some may be missing, as often as that was so.
 *
 * @param {{ least: number, most: number }} losses how many connects ended without their reply
 */
export async function expectToldGaps(server, agent, sent, { least, most }) {
  const last = `${Number(sent.at(-1)) + 1}`;
  await server.publish({ data: newMessage(last) });
  await until("the last one has come", async () => (await agent.texts()).at(-1) === last, ARRIVAL);
  const texts = (await agent.texts()).map(Number);
  assert.ok(texts.every((text, index) => index === 0 || text > texts[index - 1]), `out of order or twice: ${texts}`);
  assert.ok(texts.every((text) => sent.includes(`${text}`) || `${text}` === last), `never published: ${texts}`);
  const gaps = (await agent.events("gap")).map(({ cause }) => cause);
  assert.ok(gaps.length >= least && gaps.length <= most && gaps.every((cause) => cause === "lost-reply"), `gaps ${gaps}, expected ${least} to ${most} lost replies`);
}
