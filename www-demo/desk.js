// One agent's time at the desk, from log-in to log-out: the channel, the REST calls, and the store they fill.

import { openImChannel } from "./im-channel.js";
import { Simulator } from "./simulator.js";
import { partner } from "./store.js";

export class Desk {
  #store;
  #rest;
  #onTrouble;

  /**
   * @param {object} parts what `openImChannel` takes, and
   * @param {import("./gws-rest.js").GwsRest} parts.rest logged in
   * @param {{ name: string, phone: string, devicePath?: string }} parts.agent
   * @param {(what: string, error: Error) => void} parts.onTrouble something failed that nobody waits for
   */
  static async open({ rest, agent, onTrouble, ...channel }) {
    const desk = new Desk();
    desk.agent = agent;
    desk.#rest = rest;
    desk.#store = channel.store;
    desk.#onTrouble = onTrouble;
    [desk.simulator, desk.client] = await Promise.all([
      Simulator.find(channel.baseUrl),
      openImChannel({ ...channel, csrfToken: () => rest.csrfToken, onGap: () => desk.readSessions() }),
    ]);
    return desk;
  }

  /** Resolves when the channel stands. A failure shows in the connection's state, so it is not thrown here. */
  async connect() {
    try {
      await this.client.connect();
      await this.readSessions();
    } catch {
      // "connection" has told of it.
    }
  }

  /** Says goodbye in this order: a login that ends first would leave the channel refused. */
  async close() {
    await this.client.dispose();
    try {
      await this.#rest.logOut();
    } catch (error) {
      if (!error.notLoggedIn) this.#onTrouble("Logging out at the server failed", error);
    }
  }

  async readSessions() {
    try {
      const { mark } = this.#store;
      this.#store.reconcile(await this.#rest.sessions(), mark);
    } catch (error) {
      this.#onTrouble("The list of sessions could not be read", error);
    }
  }

  startChat(phoneNumber) {
    return this.#rest.initiate(phoneNumber, this.agent.devicePath);
  }

  async startRobotChat() {
    await this.startChat(await this.simulator.robotPhone());
  }

  robotCallsMe() {
    return this.simulator.robotCalls(this.agent.phone);
  }

  /** The text stands in the transcript at once; its notification makes it final. */
  async sendMessage(session, text) {
    const entry = this.#store.addSending(session, text);
    try {
      await this.#rest.sendMessage(session.id, text, partner(session), this.agent.devicePath);
      this.#store.settle(session, entry, "accepted");
    } catch (error) {
      const mayHaveActed = error.status === undefined;
      this.#store.settle(session, entry, "failed", { echoExpected: mayHaveActed });
      throw error;
    }
  }

  complete(session) {
    return this.#rest.complete(session.id);
  }

  /** GWS attaches new keys and updates known ones; attaching a known one could double it. */
  saveUserData(session, key, value) {
    const operation = Object.hasOwn(session.userData, key) ? "updateUserData" : "attachUserData";
    return this.#rest[operation](session.id, { [key]: value });
  }

  deleteUserData(session, key) {
    return this.#rest.deleteUserData(session.id, key);
  }
}
