import { z } from "zod";
import { BusError, type Violation } from "./errors.js";
import { optionFault, showOption, unknownOption } from "./option-faults.js";

/**
 * Checks an options object against its schema and fills in the defaults. All faults are reported at once.
 *
 * @param owner what the options belong to, for the message: `createBus`
 * @throws {BusError} `invalid_options`
 */
export function resolveOptions<S extends z.ZodType>(owner: string, schema: S, options: unknown): z.output<S> {
  // a schema that words its faults itself comes before this
  const result = schema.safeParse(options, { error: optionFault });
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => describe(owner, schema, options, issue));
  const list = faults.map(({ text }) => text).join("; ");
  throw new BusError("invalid_options", `${owner}: ${list}`, { violations: faults.map(({ violation }) => violation) });
}

interface Fault {
  readonly violation: Violation;
  /** The fault with its path and value. */
  readonly text: string;
}

function describe(owner: string, schema: z.ZodType, options: unknown, issue: z.core.$ZodIssue): readonly Fault[] {
  const steps = issue.path.map(String);
  // the message of a schema of its own speaks of the object
  if (issue.code === "unrecognized_keys" && issue.message === "") {
    return issue.keys.map((name) => {
      const path = [...steps, name].join(".");
      const message = unknownOption(owner, name, namesAt(schema, steps));
      return { violation: { path, rule: issue.code, message }, text: `${path} ${message}` };
    });
  }
  const path = steps.join(".");
  const value = issue.path.reduce<unknown>((holder, step) => (Object(holder) as Readonly<Record<PropertyKey, unknown>>)[step], options);
  const isTold = !issue.message.startsWith("must") || issue.message.includes(", is ");
  // what should have been a secret is one, whatever the option is called
  const shown = isTold || issue.message.includes("must be a secret") ? "" : showOption(path, value);
  const subject = `${path === "" && (!isTold || issue.message === "is required") ? "options" : path}${shown === "" ? "" : ` ${shown}`}`;
  return [{ violation: { path, rule: issue.code, message: issue.message }, text: `${subject} ${issue.message}`.trimStart() }];
}

/** The names of the options that `schema` has at `path`. */
function namesAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  let at: unknown = schema;
  for (const step of [...path, undefined]) {
    while (at instanceof z.ZodDefault || at instanceof z.ZodPrefault || at instanceof z.ZodOptional || at instanceof z.ZodExactOptional)
      at = at.unwrap();
    if (!(at instanceof z.ZodObject)) return [];
    if (step !== undefined) at = (at.shape as Readonly<Record<string, unknown>>)[step];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}
