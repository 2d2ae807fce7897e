import { messageOf } from "@org/bus-core/internal";
import { faultType } from "../client/faults.js";
import type { MembershipOptions } from "./membership.js";

/** Now and then a coordinator moves or loads. */
const QUIET_FAILURES = 2;

/** Logs what a member repeats: for information, and as a warning when it goes on. */
export function reportTrouble({ group, logger }: MembershipOptions, failures: number, error: unknown, delayMs: number): void {
  const level = failures > QUIET_FAILURES ? "warn" : "info";
  logger[level]({ group, type: faultType(error), error: messageOf(error), delayMs }, "a member could not speak to its group, and will try again");
}
