// The control calls of the simulator of GWS. They are no part of GWS, so the package does not make them. A real server has none; `find` says which of the two this is.

export class Simulator {
  #base;

  constructor(baseUrl) {
    this.#base = `${baseUrl.replace(/\/+$/, "")}/simulator`;
  }

  /** The simulator at that address, or undefined when a real server answers. */
  static async find(baseUrl) {
    try {
      const simulator = new Simulator(baseUrl);
      await simulator.state();
      return simulator;
    } catch {
      return undefined;
    }
  }

  state() {
    return this.#call("GET", "/state");
  }

  async robotPhone() {
    const { users } = await this.state();
    return users.find((user) => user.robot)?.phone;
  }

  robotCalls(destination) {
    return this.#call("POST", "/robot/start", { destination });
  }

  expireSession(user) {
    return this.#call("POST", "/cometd/expire", { user });
  }

  cutConnections() {
    return this.#call("POST", "/connections/cut", {});
  }

  /** `type` as in the simulator's table of what can be done to sockets. */
  disturbSockets(user, type) {
    return this.#call("POST", "/sockets", { user, action: { type } });
  }

  restart(downMs) {
    return this.#call("POST", "/cometd/restart", { downMs });
  }

  endLogin(user) {
    return this.#call("POST", "/users/logout", { user });
  }

  /** Lets the next request that fits go wrong; see the simulator's table of faults. */
  fault(fault) {
    return this.#call("POST", "/faults", fault);
  }

  /** The agent with that phone number says something, without a desktop. */
  async say(phone, { id }, destination, text) {
    const { users } = await this.state();
    const speaker = users.find((user) => user.phone === phone);
    if (!speaker) throw new Error(`Nobody has the number ${phone}.`);
    const body = { operationName: "SendMessage", text, destination: { phoneNumber: destination }, devicePath: speaker.devicePath };
    return this.#call("POST", "/operation", { user: speaker.name, path: `/me/im-sessions/${encodeURIComponent(id)}`, body });
  }

  async forgetFaults() {
    await this.#call("DELETE", "/faults");
    await this.#call("DELETE", "/sockets");
  }

  publish(user, topic, data, count) {
    return this.#call("POST", "/publish", { user, topic, data, count });
  }

  async #call(method, path, body) {
    const options = { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body), signal: AbortSignal.timeout(5_000) };
    const response = await fetch(this.#base + path, options);
    const answer = await response.json().catch(() => ({ error: `The simulator answered ${response.status}.` }));
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
}
