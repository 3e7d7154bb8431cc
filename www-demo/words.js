// What things are called in the page: sessions by the other agent's number, errors by what happened and what to do.

const LONGEST_NAME = 60;

/** The number of the other agent. */
export function partner({ participants }) {
  return participants.length > 0 ? participantName(participants[0]) : "Unknown number";
}

export function participantName({ formattedPhoneNumber, phoneNumber, digits }) {
  const name = [formattedPhoneNumber, phoneNumber, digits].find((text) => typeof text === "string" && text.trim() !== "");
  return name?.slice(0, LONGEST_NAME) ?? "without a number";
}

/** By code, or by the part before the slash. The SDK's own sentences say what happened, and those of "usage" what to do as well. */
const ADVICE = {
  "gws/1": "Fill in what is missing.",
  "gws/2": "It does not fit what goes on now: end the present chat, or refresh the list and look.",
  "gws/3": "Ask your administrator for this right.",
  "gws/4": "Check the number, and that the other agent is logged in.",
  "gws/5": "Ask your administrator for this right.",
  "gws/6": "It is gone: refresh the list.",
  "auth/required": "Press Connect and log in again.",
  "network/outcome-unknown": "",
  "recovery/unavailable": "",
};

/** What to do about an error, in one sentence; "" when its message has said it. */
export function advice(error) {
  const known = ADVICE[error.code];
  if (known !== undefined) return known;
  if (error.retryable) return "Nothing has been done; try again.";
  return isRefusal(error) ? "" : "It may have been done nevertheless: look before you ask again.";
}

/** Is it certain that what was asked for has not been done? */
export function isRefusal(error) {
  return error.retryable === true || /^(gws|auth|usage)\/|^http\/4|^network\/refused$/.test(error.code);
}
