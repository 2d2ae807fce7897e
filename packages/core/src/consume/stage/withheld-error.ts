import type { AnyContract } from "../../contract/contract.js";
import { BusError, legible, messageOf, textOf } from "../../errors.js";

/**
 * `error` as it may be told in logs, spans, headers and to `explain()`: what user code throws over a message with sensitive fields may hold their values, so
 * it keeps its class or code and where it was thrown, and loses what it says. It is itself where no contract has sensitive fields.
 */
export function withoutSensitive(error: unknown, contracts: Iterable<AnyContract>): unknown {
  for (const { sensitiveFields, typeName } of contracts) if (sensitiveFields.length > 0) return withheld(legible(error), typeName);
  return error;
}

function withheld(error: unknown, typeName: string): Error {
  const said = `what it says is withheld: ${typeName} has sensitive fields`;
  if (error instanceof BusError) {
    const { code, retryable, mayHaveBeenWritten } = error;
    return withFramesOf(error, new BusError(code, `${code} (${said})`, { retryable, mayHaveBeenWritten }));
  }
  const name = textOf(() => (error instanceof Error ? error.name : typeof error)) ?? typeof error;
  const told = new Error(`${name} (${said})`);
  told.name = name;
  return withFramesOf(error, told);
}

/** Where it was thrown stands behind what it says, which may have lines like those of a stack too. */
function withFramesOf<E extends Error>(error: unknown, told: E): E {
  const stack = textOf(() => (error instanceof Error ? (error.stack ?? "") : "")) ?? "";
  const message = messageOf(error);
  const at = stack.lastIndexOf(message);
  const frames =
    at === -1
      ? []
      : stack
          .slice(at + message.length)
          .split("\n")
          .filter((line) => /^ {4}at /.test(line));
  told.stack = [`${told.name}: ${told.message}`, ...frames].join("\n");
  return told;
}
