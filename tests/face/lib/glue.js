// In place of the glue that wasm-bindgen makes: a channel that does nothing by itself.

/** Each channel that was made. */
export const channels = [];

export class Channel {
  /** The name and arguments of each command. */
  commands = [];
  state = "disconnected";
  /** The name of the last command before the page was put away. */
  hiddenAfter;
  #last = 0;

  constructor(host, options) {
    Object.assign(this, { host, options });
    channels.push(this);
  }

  #command(...command) {
    this.commands.push(command);
    return (this.#last += 1);
  }

  open() {
    return this.#command("open");
  }

  close() {
    return this.#command("close");
  }

  hide() {
    this.hiddenAfter = this.commands.at(-1)?.[0];
  }

  subscribe(topic) {
    return this.#command("subscribe", topic);
  }

  unsubscribe(topic) {
    return this.#command("unsubscribe", topic);
  }

  withdraw(number) {
    this.commands.push(["withdraw", number]);
  }

  status() {
    return { state: this.state };
  }

  counters() {
    return {};
  }

  /** The calls of the GWS API, each with `answer(result)`. */
  calls = [];

  call(method, url, body, signal) {
    return new Promise((resolve) => this.calls.push({ method, url, body, signal, answer: resolve }));
  }

  loginLost(status, renewable) {
    this.commands.push(["loginLost", status, renewable]);
  }

  forgetToken() {}

  deliver(message) {
    this.commands.push(["deliver", message]);
  }

  normaliseSession() {
    return true;
  }

  listen() {}
  showFrames() {}
  release() {}
  free() {}

  // ---- what the test makes happen

  /** Goes into `state` and tells it. */
  become(state, status = {}, reason = undefined) {
    this.state = state;
    this.host.connection({ state, attempt: 0, recovered: false, acknowledged: false, ...status }, reason);
  }

  /** How often a command was given. */
  count(name) {
    return this.commands.filter(([command]) => command === name).length;
  }
}

export const memoryBytes = () => 0;
/** What is called when the module fails, with the place. */
export let panic;
export const onPanic = (listener) => (panic = listener);
export const __wbg_reset_state = () => {};
export default async () => {};
