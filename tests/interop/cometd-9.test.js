// The package against CometD 9.0.0.

import { interoperate } from "./lib/frame.js";
import { COMETD_9 } from "./lib/lines.js";
import { moveScenarios } from "./lib/moves.js";
import { sessionScenarios } from "./lib/session.js";

interoperate(COMETD_9, (scenario, ack) => {
  sessionScenarios(scenario, "long-polling");
  sessionScenarios(scenario, "websocket");
  moveScenarios(scenario);
});
