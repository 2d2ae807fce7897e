import { styleText } from "node:util";
import type { Result } from "./result.js";

const shown = 10;
const barWidth = 30;

/** The report of a run, for people. */
export function reportText({ flights, airports, elapsedMs, peakMemoryBytes }: Result): string {
  const largest = [...airports].sort((a, b) => b.flights - a.flights).slice(0, shown);
  const latest = Math.max(...largest.map(({ meanDelayMinutes }) => meanDelayMinutes));
  const rows = largest.map(({ origin, flights: count, delayedFlights, meanDelayMinutes, deviationMinutes }) => {
    const bar = "▇".repeat(Math.max(1, Math.round((meanDelayMinutes / latest) * barWidth)));
    const late = `${((100 * delayedFlights) / count).toFixed(1)} %`.padStart(7);
    const mean = `${meanDelayMinutes.toFixed(1)} ± ${deviationMinutes.toFixed(0)} min`.padStart(14);
    return `  ${origin} ${String(count).padStart(8)} ${late} ${mean}  ${styleText("cyan", bar)}`;
  });
  const perSecond = Math.round((flights * 1000) / elapsedMs);
  return [
    `\n${styleText("bold", `The ${largest.length} largest of ${airports.length} airports: flights, late ones, delay`)}\n${rows.join("\n")}\n`,
    `\n${styleText("bold", "The run")}\n`,
    `  ${flights} flights in ${(elapsedMs / 1000).toFixed(1)} s, ${perSecond} a second, each published, read again and counted\n`,
    `  ${(peakMemoryBytes / 2 ** 20).toFixed(0)} MiB of memory at most\n`,
  ].join("");
}
