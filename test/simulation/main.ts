import { Command, InvalidArgumentError, Option } from "commander";
import { installSimulatedGlobals } from "./environment/simulated-globals.js";
import { simulate } from "./simulate.js";
import { transportNames } from "./transports.js";

installSimulatedGlobals();

const whole = (least: number) => (text: string) => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) throw new InvalidArgumentError(`must be a whole number >= ${least}`);
  return number;
};

const program = new Command("simulate")
  .description("Plays groups of consumers under faults, on a virtual clock. The seed decides everything: the same seed gives the same run.")
  .option("--seeds <count>", "how many seeds to play", whole(1), 300)
  .option("--from <seed>", "the first of them", whole(0), 1)
  .option("--seed <seed>", "play only this one, and show its trace", whole(0))
  .addOption(new Option("--transport <name>", "what the members run on").choices([...transportNames]).default("memory"))
  .option("--twice", "play every seed twice, and fail where the runs differ", false)
  .option("--until-failure", "end with the first seed that fails", false)
  .option("--quiet", "with --seed: show no trace", false)
  .option("--json", "print JSON lines: one for each seed that fails, one for all", false)
  .addHelpText(
    "after",
    "\nExit codes: 0 all promises were kept, 1 some were broken, or 100 seeds and more did not meet what they are for, 2 wrong usage.",
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

process.exitCode = await simulate(program.parse().opts());
