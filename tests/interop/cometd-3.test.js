// The package against CometD 3.1.5, the line that Genesys Web Services embeds.

import { interoperate } from "./lib/frame.js";
import { COMETD_3 } from "./lib/lines.js";
import { moveScenarios } from "./lib/moves.js";
import { sessionScenarios } from "./lib/session.js";

interoperate(COMETD_3, (scenario, ack) => {
  sessionScenarios(scenario, "long-polling");
  sessionScenarios(scenario, "websocket");
  moveScenarios(scenario);
});
