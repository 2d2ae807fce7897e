import { parseArgs } from "node:util";
import { readClientConfig } from "./client-config.js";
import { type ClientOptions, transports } from "./transports.js";

/** A flag that takes a value, or none where it has no `value`. */
export interface Flag {
  /** How the help names the value. */
  readonly value?: string;
  readonly text: string;
  readonly default?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

const configText = "properties file of Kafka's clients, for TLS and SASL (else KAFKA_SSL…, KAFKA_SASL…)";

/** Those that both programs have; `kind` names the flag for the configuration file that Kafka's own has from older days. */
export const commonFlags = (kind: "producer" | "consumer"): Flags => ({
  topic: { value: "TOPIC", text: "topic to write to or read from; must exist" },
  "bootstrap-server": { value: "HOST:PORT,…", text: "brokers" },
  "max-messages": { value: "N", text: "end after so many records; -1: never", default: "-1" },
  transport: { value: "CLIENT", text: `client to run on: ${Object.keys(transports).join(", ")}`, default: "kafkajs" },
  "command-config": { value: "FILE", text: configText },
  [`${kind}.config`]: { value: "FILE", text: "the same as --command-config" },
});

/** Something is wrong with the arguments: the program says so and exits with 2. */
export class UsageError extends Error {}

/** The value of a flag by its name; undefined where it was not given and has no default. */
export type Values = (name: string) => string | undefined;

/** Reads the command line. Prints the help and ends the program where that was asked for. @throws {UsageError} */
export function readArguments(program: string, about: string, flags: Flags): Values {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { type: flag.value === undefined ? ("boolean" as const) : ("string" as const) }]),
  );
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: joined(process.argv.slice(2), flags),
      options: { ...options, help: { type: "boolean", short: "h" } },
      strict: true,
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) {
    process.stdout.write(helpOf(program, about, flags));
    process.exit(0);
  }
  return (name) => {
    const value = values[name] ?? flags[name]?.default;
    return value === undefined ? undefined : String(value);
  };
}

/** Values may begin with a dash, as -1 does, which `parseArgs` takes only with an equals sign. */
function joined(args: readonly string[], flags: Flags): string[] {
  const result: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const takesValue = arg.startsWith("--") && flags[arg.slice(2)]?.value !== undefined && index + 1 < args.length;
    result.push(takesValue ? `${arg}=${args[++index]}` : arg);
  }
  return result;
}

/** @throws {UsageError} */
export function required(values: Values, name: string): string {
  const value = values(name);
  if (value === undefined || value === "") throw new UsageError(`--${name} is required`);
  return value;
}

/** @throws {UsageError} where it is no whole number, or less than `least` */
export function numberOf(values: Values, name: string, least: number): number {
  const text = required(values, name);
  const value = Number(text);
  if (text.trim() === "" || !(value >= least) || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${name} ${text} must be a whole number >= ${least}`);
  }
  return value;
}

/** @throws {UsageError} where it is not from 0 to 1 */
export function rateOf(values: Values, name: string): number {
  const text = required(values, name);
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) throw new UsageError(`--${name} ${text} must be a number from 0 to 1`);
  return value;
}

/** @throws {UsageError} */
export function oneOf<T extends string>(values: Values, name: string, allowed: readonly T[]): T {
  const value = required(values, name);
  const found = allowed.find((each) => each === value.toLowerCase());
  if (found === undefined) throw new UsageError(`--${name} ${value} must be one of ${allowed.join(", ")}`);
  return found;
}

/** The client of the arguments. @throws {UsageError} */
export function openTransport(values: Values, more: Omit<ClientOptions, "brokers"> = {}): ReturnType<(typeof transports)[string]> {
  const name = oneOf(values, "transport", Object.keys(transports));
  const brokers = required(values, "bootstrap-server").split(",");
  const [file, ...others] = ["command-config", "producer.config", "consumer.config"].map(values).filter((value) => value !== undefined);
  if (others.length > 0) throw new UsageError("--command-config and its older name must not be given together");
  try {
    const config = file === undefined ? {} : readClientConfig(file);
    const open = transports[name];
    if (open === undefined) throw new UsageError(`--transport ${name} is not known`);
    return open({ brokers, ...config, ...more });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Runs a program: exit code 2 for wrong arguments, 1 for any other failure. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}; --help tells more\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

function helpOf(program: string, about: string, flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { value, text, default: usual }]) => ({
    left: `  --${name}${value === undefined ? "" : ` ${value}`}`,
    right: usual === undefined ? text : `${text} (default: ${usual})`,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.map(({ left, right }) => `${left.padEnd(width)}  ${right}\n`);
  return `usage: ${program} [flags]\n\n${about}\n\n${lines.join("")}`;
}
