import { type Bus, BusError, type Violation } from "@org/bus-core";
import { QuakeReported, type QuakeReportedInit } from "../gen/quakes/v1/quakes.js";

export interface PublishedFeed {
  readonly published: number;
  /** What was wrong with the reports that the contract refused. */
  readonly refused: readonly Violation[];
}

/**
 * Publishes the reports in their order. None waits for the one before: what is called together goes out together, and the order holds.
 * A report that breaks the contract is refused before it leaves the process; the others go on.
 */
export async function publishFeed(bus: Bus, reports: readonly QuakeReportedInit[]): Promise<PublishedFeed> {
  const outcomes = await Promise.allSettled(reports.map((report) => bus.publish(QuakeReported, report)));
  const refused: Violation[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") refused.push(...violationsOf(outcome.reason));
  }
  return { published: outcomes.filter(({ status }) => status === "fulfilled").length, refused };
}

/** Anything but a refusal goes on as it is. */
function violationsOf(error: unknown): readonly Violation[] {
  if (error instanceof BusError && error.code === "contract_violation") return error.violations;
  throw error;
}
