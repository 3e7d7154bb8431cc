// One agent's time at the desk, from log-in to log-out: the client, and what the agent asks it for.

import { logEvents, restLogger } from "./event-log.js";
import { openImClient } from "./im-client.js";
import { Simulator } from "./simulator.js";
import { isRefusal } from "./words.js";

export class Desk {
  #store;
  #isClosing = false;

  /**
   * @param {object} parts `baseUrl` and `on…` as `openImClient` takes them, and
   * @param {{ name: string, phone: string, devicePath?: string }} parts.agent logged in
   * @param {import("./store.js").DeskStore} parts.store
   * @param {import("./activity-log.js").ActivityLog} parts.activity
   * @param {(signal: AbortSignal) => Promise<void>} parts.logInAgain
   */
  static async open({ baseUrl, agent, store, activity, logInAgain, ...listeners }) {
    const desk = new Desk();
    desk.agent = agent;
    desk.#store = store;
    const client = openImClient({
      ...listeners,
      baseUrl,
      devicePath: agent.devicePath,
      logInAgain: (signal) => (desk.#isClosing ? Promise.reject(new Error("The agent is leaving.")) : logInAgain(signal)),
      onSessions: () => store.touch(),
      onGap: (sessionIds) => store.missTexts(sessionIds),
      onServices: ({ channel, data }) => activity.add({ kind: "event", name: channel, detail: data }),
      logger: restLogger(activity),
    });
    [desk.simulator, desk.client] = await Promise.all([Simulator.find(baseUrl), client]);
    logEvents(desk.client, activity);
    store.follow(desk.client);
    return desk;
  }

  /** Resolves when the channel stands. A failure shows in the connection's state, so it is not thrown here. */
  async connect() {
    try {
      await this.client.connect();
    } catch {
      // "connection" has told of it.
    }
  }

  /** Says goodbye in this order: a login that ends first would leave the channel refused. */
  async close() {
    this.#isClosing = true;
    try {
      await this.client.disconnect();
      await this.client.request("POST", "/me", { operationName: "EndContactCenterSession" });
    } catch (error) {
      if (error.code !== "auth/required") throw error; // a login that is gone has ended
    } finally {
      await this.client.dispose();
    }
  }

  startChat(phoneNumber) {
    return this.client.initiateSession({ destination: phoneNumber });
  }

  async startRobotChat() {
    await this.startChat(await this.simulator.robotPhone());
  }

  robotCallsMe() {
    return this.simulator.robotCalls(this.agent.phone);
  }

  /** The text stands in the conversation at once; its arrival makes it final. Rejects only when the agent has to know. */
  async sendMessage(session, text) {
    const number = this.#store.addOwnText(session, text);
    try {
      await this.client.sendMessage(session.id, text);
      this.#store.settle(session, number, "accepted");
    } catch (error) {
      if (this.#store.settle(session, number, isRefusal(error) ? "failed" : "unknown", error)) throw error;
    }
  }

  /** GWS attaches new keys and updates known ones; attaching a known one could double it. */
  saveUserData({ id, userData }, key, value) {
    const pair = { [key]: value };
    return Object.hasOwn(userData, key) ? this.client.updateUserData(id, pair) : this.client.attachUserData(id, pair);
  }
}
