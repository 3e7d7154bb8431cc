// Asks for the password again while the desktop stays as it is. It does not take the focus: the agent may be in the middle of a sentence.

import { announce, byId, hide } from "../dom.js";

/** @returns a function that asks once: resolves when `logIn(password)` has, rejects when `signal` aborts */
export function mountRelogin(logIn) {
  const form = byId("relogin-form");
  const password = byId("relogin-password");
  const problem = byId("relogin-error");
  let loggedIn = () => {};
  let isAsking = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    problem.textContent = "";
    try {
      await logIn(password.value);
      loggedIn();
    } catch (error) {
      problem.textContent = error.code === "auth/required" ? "That password was not accepted." : `${error.message} (${error.code})`;
    } finally {
      isAsking = false;
      password.value = "";
    }
  });

  return (username, signal) =>
    new Promise((resolve, reject) => {
      const close = () => {
        hide(form, byId("conversation"));
        problem.textContent = "";
      };
      loggedIn = () => {
        close();
        resolve();
      };
      signal.addEventListener("abort", () => {
        close();
        reject(signal.reason);
      }, { once: true });
      byId("relogin-username").value = username;
      form.hidden = false;
      announce("Your login has ended. Enter your password to go on.", { urgent: true });
    });
}
