import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Benchmark, Figures } from "./benchmark.js";
import { median } from "./median.js";

const round = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3));

function versions({ measured, needsKafka, needsPostgres = false }: Benchmark): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { dependencies: Record<string, string> };
  const packages = measured.map((name) => `${name} ${manifest.dependencies[name]}`);
  return [
    `Node ${process.version}`,
    ...packages,
    ...(needsKafka ? ["Apache Kafka 4.3.1 (one broker on the same machine)"] : []),
    ...(needsPostgres ? ["PostgreSQL 15 (on the same machine, fsync off)"] : []),
  ].join(", ");
}

/** A Markdown section: conditions, machine, date, a row for each peer with median and range of every figure, and the ratio to ours. */
function section(benchmark: Benchmark, results: ReadonlyMap<string, readonly Figures[]>): string {
  const rows = [...results];
  const names = Object.keys(rows[0]?.[1][0] ?? {});
  const compared = names[0] ?? "";
  const medianOf = (figures: readonly Figures[], name: string) => median(figures.map((figure) => figure[name] ?? Number.NaN));
  const ours = medianOf(rows[0]?.[1] ?? [], compared);
  const base = benchmark.baseline === undefined ? undefined : medianOf(results.get(benchmark.baseline) ?? [], compared);
  const isAlone = rows.length === 1;
  const lines = [
    `## ${benchmark.title}`,
    "",
    benchmark.conditions,
    "",
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB; ${versions(benchmark)}. ` +
      `Medians of ${rows[0]?.[1].length ?? 0} rounds, peers in turn (lowest to highest in brackets). Only the ratios carry over to another machine.`,
    "",
    `| | ${names.join(" | ")} |${isAlone ? "" : ` ${base === undefined ? "ours ÷ this" : `this ÷ ${benchmark.baseline}`} (${compared}) |`}${benchmark.ceiling === undefined ? "" : " part of the ceiling |"}`,
    `|---|${names.map(() => "---").join("|")}|${isAlone ? "" : "---|"}${benchmark.ceiling === undefined ? "" : "---|"}`,
  ];
  for (const [peer, figures] of rows) {
    const cells = names.map((name) => {
      const values = figures.map((figure) => figure[name] ?? Number.NaN);
      return `${round(median(values))} (${round(Math.min(...values))}–${round(Math.max(...values))})`;
    });
    const ceiling = benchmark.ceiling === undefined ? "" : ` ${(medianOf(figures, compared) / benchmark.ceiling).toFixed(2)} |`;
    const own = medianOf(figures, compared);
    lines.push(`| ${peer} | ${cells.join(" | ")} |${isAlone ? "" : ` ${(base === undefined ? ours / own : own / base).toFixed(2)} |`}${ceiling}`);
  }
  if (benchmark.ceiling !== undefined) lines.push("", `Ceiling: ${round(benchmark.ceiling)} records/s (nominal sleep).`);
  return `${lines.join("\n")}\n`;
}

/** Prints the report, and writes it to `bench/results/<name>.md` when asked. */
export function writeReport(benchmark: Benchmark, results: ReadonlyMap<string, readonly Figures[]>, write: boolean): void {
  const text = section(benchmark, results);
  process.stdout.write(`\n${text}`);
  if (!write) return;
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${benchmark.name}.md`, text);
}
