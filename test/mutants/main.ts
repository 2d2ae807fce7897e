import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { judge, pass, simulate, type Verdict } from "./judge.js";
import { mutants } from "./mutants.js";
import { TreeCopy } from "./tree-copy.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("must be a whole number >= 1");
  return number;
};

const options = new Command("mutants")
  .description("Puts deliberate faults into a copy of the sources, one at a time. The simulation has to notice each, with work in flight.")
  .option("--only <text>", "only the faults whose name has this in it; may be given again", (text, others: string[]) => [...others, text], [])
  .option("--seeds <count>", "how many seeds a fault may survive", whole, 300)
  .option("--json", "print JSON lines, one for each fault", false)
  .addHelpText("after", "\nExit codes: 0 all were caught, 1 one was missed, unmet or does not apply, or the tests fail without it, 2 wrong usage.")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ only: string[]; seeds: number; json: boolean }>();

const chosen = mutants.filter(({ name }) => options.only.length === 0 || options.only.some((text) => name.includes(text)));
if (chosen.length === 0) {
  process.stderr.write(`no mutant has ${options.only.join(", ")} in its name\n`);
  process.exit(2);
}

const copy = new TreeCopy(root);
process.on("exit", () => copy.remove());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

// what fails without a fault can tell nothing of one
for (const transport of new Set(chosen.map((mutant) => mutant.transport ?? "memory"))) {
  const healthy = await simulate(copy, Math.min(options.seeds, 50), transport);
  if (healthy.failed.length === 0) continue;
  process.stderr.write(`seed ${healthy.failed[0]} on ${transport} fails without any fault\n`);
  process.exit(1);
}
const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests ?? []))];
if (tests.length > 0 && !(await pass(tests, copy))) {
  process.stderr.write(`some of ${tests.join(", ")} fail without any fault\n`);
  process.exit(1);
}
const verdicts: Verdict[] = [];
const width = Math.max(...chosen.map(({ name }) => name.length));
for (const mutant of chosen) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${verdicts.length + 1} of ${chosen.length}: ${mutant.name}`);
  const verdict = await judge(mutant, copy, options.seeds);
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  verdicts.push(verdict);
  console.log(options.json ? JSON.stringify(verdict) : `${verdict.verdict.padEnd(7)} ${verdict.mutant.padEnd(width)} ${verdict.by}`);
}
const caught = verdicts.filter(({ verdict }) => verdict === "caught").length;
if (!options.json) console.log(`${caught} of ${verdicts.length} faults were caught`);
process.exitCode = caught === verdicts.length ? 0 : 1;
