import { brokerFrozen, brokerKilled, coordinatorKilled } from "./brokers.js";
import { consumerKilled, rebalanceStorm, rollingRestart } from "./consumers.js";
import { recordsDeleted } from "./deleted-records.js";
import { badNetwork } from "./network.js";
import type { Scenario } from "./scenario.js";

export const scenarios: readonly Scenario[] = [
  consumerKilled,
  rollingRestart,
  rebalanceStorm,
  badNetwork,
  recordsDeleted,
  brokerKilled,
  coordinatorKilled,
  brokerFrozen,
];
