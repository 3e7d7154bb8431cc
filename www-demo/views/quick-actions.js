// Ways to get a chat going.

import { byId } from "../dom.js";

/** @param {{ onRobotChat: () => void, onRobotCalls: () => void, onStart: (phoneNumber: string) => Promise<boolean> }} actions */
export function mountQuickActions(store, { onRobotChat, onRobotCalls, onStart }) {
  const robotChat = byId("start-robot-chat");
  const robotCalls = byId("robot-calls-me");
  const form = byId("start-form");

  robotChat.addEventListener("click", onRobotChat);
  robotCalls.addEventListener("click", onRobotCalls);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await onStart(form.elements.number.value.trim())) form.reset();
  });

  store.addEventListener("change", ({ detail: { what } }) => {
    if (what === "entry") return;
    const busy = store.live.length > 0;
    for (const control of [robotChat, robotCalls, ...form.elements]) control.disabled = busy;
    byId("one-session-hint").hidden = !busy;
  });

  return (hasRobot) => {
    robotChat.hidden = robotCalls.hidden = !hasRobot;
  };
}
