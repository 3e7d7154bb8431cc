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

  /** Only a list that is up to date forbids anything: otherwise the chat may long be over, and Genesys will say. */
  store.addEventListener("change", () => {
    const isBusy = store.live.length > 0 && store.isSynced;
    for (const control of [robotChat, robotCalls, ...form.elements]) control.disabled = isBusy;
    byId("one-session-hint").hidden = !isBusy;
  });

  return (hasRobot) => {
    robotChat.hidden = robotCalls.hidden = !hasRobot;
  };
}
