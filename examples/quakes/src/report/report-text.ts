import { styleText } from "node:util";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { PublishedFeed } from "../feed/publish-feed.js";
import { alertMagnitude } from "../pipelines/raise-alerts.js";
import type { ReceivedAlert, Watch } from "../watch/watch.js";
import type { Result } from "./result.js";
import { drawSpanTree } from "./span-tree.js";

/** What a finished run is told from. */
export interface Finished {
  readonly feed: PublishedFeed;
  readonly result: Result;
  readonly watch: Watch;
  readonly elapsedMs: number;
  readonly spans: readonly ReadableSpan[];
}

const strongestShown = 5;
const barWidth = 40;

/** The report of a run, for people. */
export function reportText({ feed, result, watch, elapsedMs, spans }: Finished): string {
  return [refusalsText(feed), networksText(result), alertsText(watch), throughputText(result, elapsedMs), traceText(watch, spans)].join("");
}

/** What the contract refused, with the place and the rule of every fault. */
function refusalsText({ refused }: PublishedFeed): string {
  const rows = refused.map(({ path, rule, message }) => `  ${styleText("red", path.padEnd(20))} ${rule.padEnd(16)} ${message}`);
  return section(`${refused.length} damaged copies, refused before they left the process`, rows);
}

function networksText({ perNetwork, processed }: Result): string {
  const counts = Object.entries(perNetwork);
  const largest = Math.max(1, ...counts.map(([, count]) => count));
  const rows = counts.map(([network, count]) => {
    const bar = "▇".repeat(Math.max(1, Math.round((count / largest) * barWidth)));
    return `  ${network}  ${String(count).padStart(5)}  ${styleText("cyan", bar)}`;
  });
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  return section(`Quakes of ${counts.length} networks`, [...rows, `  sum ${String(sum).padStart(5)}, of ${processed} assessed`]);
}

function alertsText({ alerts }: Watch): string {
  const rows = strongestFirst(alerts)
    .slice(0, strongestShown)
    .map(({ alert }) => `  ${alert.id}  ${alert.summary}`);
  return section(`${alerts.length} alerts from magnitude ${alertMagnitude}, the strongest of them`, rows);
}

function strongestFirst(alerts: readonly ReceivedAlert[]): readonly ReceivedAlert[] {
  return [...alerts].sort(({ alert: a }, { alert: b }) => b.magnitude - a.magnitude || a.id.localeCompare(b.id));
}

/** The way of the strongest quake over all hops. */
function traceText({ alerts }: Watch, spans: readonly ReadableSpan[]): string {
  const [strongest] = strongestFirst(alerts);
  if (strongest?.traceId === undefined) return "";
  const ofTrace = spans.filter((span) => span.spanContext().traceId === strongest.traceId);
  return section(`The trace of ${strongest.alert.id}: ${strongest.traceId}`, drawSpanTree(ofTrace));
}

function throughputText(result: Result, elapsedMs: number): string {
  const perSecond = Math.round((result.processed * 1_000) / elapsedMs);
  return section("The run", [
    `  ${result.processed} quakes in ${(elapsedMs / 1_000).toFixed(1)} s, ${perSecond} a second`,
    `  ${result.maxConcurrent} assessments at most at once, never two of one network`,
    `  ${result.duplicates} duplicates, ${result.orderViolations} out of order`,
  ]);
}

function section(title: string, rows: readonly string[]): string {
  return `\n${styleText("bold", title)}\n${rows.join("\n")}\n`;
}
