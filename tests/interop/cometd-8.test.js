// The package against CometD 8.0.10.

import { interoperate } from "./lib/frame.js";
import { COMETD_8 } from "./lib/lines.js";
import { moveScenarios } from "./lib/moves.js";
import { sessionScenarios } from "./lib/session.js";

interoperate(COMETD_8, (scenario, ack) => {
  sessionScenarios(scenario, "long-polling");
  sessionScenarios(scenario, "websocket");
  moveScenarios(scenario);
});
