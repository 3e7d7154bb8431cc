// The package against the npm package cometd-nodejs-server 1.2.1, which has no WebSocket.

import { interoperate } from "./lib/frame.js";
import { NODEJS } from "./lib/lines.js";
import { sessionScenarios } from "./lib/session.js";

interoperate(NODEJS, (scenario) => sessionScenarios(scenario, "long-polling"));
