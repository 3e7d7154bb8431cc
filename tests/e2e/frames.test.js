// The frame event: every Bayeux message in and out, without the secrets.

import assert from "node:assert/strict";
import { scenarios } from "./lib/scenario.js";
import { newMessage } from "./lib/texts.js";

const scenario = scenarios({ simulator: ["--timeout", "10000", "--csrf", "enforce"] });

scenario("frames show what goes in and out, in order, and redact the client id", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create({ frames: true });
  await anna.connect();
  const clientId = await anna.clientId();
  await simulator.publish({ data: newMessage("seen") });
  await anna.textsOf(1);
  await anna.disconnect();

  const frames = await anna.events("frame");
  assert.ok(frames.every(({ direction, transport, messages }) => ["in", "out"].includes(direction) && transport === "long-polling" && Array.isArray(messages)));
  const channels = (wanted) => frames.filter(({ direction }) => direction === wanted).flatMap(({ messages }) => messages.map(({ channel }) => channel));
  const [out, seen] = [channels("out"), channels("in")];
  for (const channel of ["/meta/handshake", "/meta/subscribe", "/meta/connect", "/meta/disconnect"]) {
    assert.ok(out.includes(channel), `${channel} went out`);
    assert.ok(seen.includes(channel), `${channel} came in`);
  }
  assert.equal(out[0], "/meta/handshake");
  assert.equal(seen.filter((channel) => channel === "/v2/me/im-sessions").length, 1);

  const text = JSON.stringify(frames);
  assert.ok(clientId.length > 10 && !text.includes(clientId), "the client id is a secret");
  const cookies = await anna.page.context().cookies();
  for (const { name, value } of cookies) assert.ok(!text.includes(value), `${name} is a secret`);
  const outgoing = frames.filter(({ direction }) => direction === "out").flatMap(({ messages }) => messages);
  assert.ok(outgoing.filter(({ channel }) => channel !== "/meta/handshake").every((message) => typeof message.clientId === "string"), "but shows that there is one");
});

scenario("altering a frame alters nothing that is sent or delivered", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    await e2e.create();
    e2e.client.on("frame", ({ messages }) => {
      for (const message of messages) {
        for (const member of Object.keys(message)) delete message[member];
      }
      messages.length = 0;
    });
    await e2e.client.connect();
  });
  await simulator.publish({ data: newMessage("seen") });
  assert.deepEqual(await anna.textsOf(1), ["seen"]);
});

scenario("a frame listener that comes late and goes early sees what happens between", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.create();
  await anna.connect();
  await simulator.atRest();
  await anna.page.evaluate(() => {
    e2e.frames = [];
    e2e.stop = e2e.client.on("frame", (frame) => e2e.frames.push(frame));
  });
  await simulator.publish({ data: newMessage("seen") });
  await anna.textsOf(1);
  await simulator.atRest();
  const count = await anna.page.evaluate(() => {
    e2e.stop();
    return e2e.frames.length;
  });
  assert.ok(count >= 2, `${count} frames`);
  await simulator.publish({ data: newMessage("not seen") });
  await anna.textsOf(2);
  assert.equal(await anna.page.evaluate(() => e2e.frames.length), count);
});

scenario("log records say what happens, without secrets and texts", async ({ simulator, agent }) => {
  const anna = await agent();
  await anna.page.evaluate(async () => {
    e2e.logged = [];
    await e2e.create({ logger: (record) => e2e.logged.push(record) });
    await e2e.client.connect();
  });
  const clientId = await anna.clientId();
  await simulator.publish({ data: newMessage("a private text") });
  await anna.textsOf(1);
  await anna.dispose();
  const records = await anna.page.evaluate(() => e2e.logged);
  assert.ok(records.length > 0);
  for (const { level, message, time } of records) {
    assert.ok(["debug", "info", "warn", "error"].includes(level) && typeof message === "string" && Math.abs(time - Date.now()) < 60_000);
  }
  const text = JSON.stringify(records);
  const secrets = [clientId, "a private text", ...(await anna.page.context().cookies()).map(({ value }) => value)];
  for (const secret of secrets) assert.ok(!text.includes(secret));
});

scenario("a logger that throws disturbs nothing and is reported", async ({ simulator, agent }) => {
  const anna = await agent();
  const reported = await anna.page.evaluate(async () => {
    let reported = 0;
    addEventListener("error", (event) => {
      reported += 1;
      event.preventDefault();
    });
    await e2e.create({ logger: () => {
      throw new Error("of the logger");
    } });
    await e2e.client.connect();
    return reported;
  });
  assert.ok(reported > 0);
  await simulator.publish({ data: newMessage("seen") });
  assert.deepEqual(await anna.textsOf(1), ["seen"]);
});
