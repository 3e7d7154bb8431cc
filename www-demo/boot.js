// Loads the demo, and says so in the page when that fails: a page without its package would only look dead.

import("./app.js").catch((error) => {
  document.getElementById("login-error").textContent = `The demo could not be loaded. Is the package built? ("make demo" does it.) ${error.message}`;
  throw error;
});
