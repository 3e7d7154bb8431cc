// The log-in form. Passwords go from the field to the call and stay nowhere.

import { byId } from "../dom.js";

/** @param {(fields: { baseUrl: string, username: string, password: string }) => Promise<void>} onLogIn a rejection is shown in the form */
export function mountLogin(onLogIn) {
  const form = byId("login-form");
  const button = byId("login-button");
  const problem = byId("login-error");
  form.elements.baseUrl.value = location.origin;
  button.disabled = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    button.disabled = true;
    button.textContent = "Logging in…";
    try {
      await onLogIn(Object.fromEntries(new FormData(form)));
      form.elements.password.value = "";
    } catch (error) {
      problem.textContent = explain(error);
    } finally {
      button.disabled = false;
      button.textContent = "Log in";
    }
  });
}

function explain(error) {
  if (error.code === "auth/required") return "The server does not know this user name and password.";
  return error.code ? `${error.message} (${error.code})` : error.message;
}
