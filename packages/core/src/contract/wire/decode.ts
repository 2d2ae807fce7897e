import { BusError, messageOf } from "../../errors.js";
import { Faults } from "../rules/faults.js";
import { legacyRequired } from "../rules/presence.js";
import type { DecodeLimits } from "./limits.js";
import { MessageReader } from "./reader.js";

/** What is needed to decode messages of a type. */
interface Decoder<T> {
  readonly typeName: string;
  readonly check: (faults: Faults, message: unknown) => void;
  readonly read: (reader: MessageReader) => T;
}

/**
 * The message that `bytes` are.
 *
 * @throws {BusError} `malformed_message`
 */
export function decode<T>({ typeName, check, read }: Decoder<T>, bytes: Uint8Array, limits?: DecodeLimits): T {
  let reader: MessageReader | undefined;
  try {
    reader = new MessageReader(bytes, limits);
    const message = read(reader);
    if (reader.incomplete) refuseIncomplete(check, message);
    return message;
  } catch (error) {
    throw new BusError("malformed_message", `bytes are no ${typeName}: ${messageOf(error)}, at byte ${reader?.pos ?? 0}`, {
      cause: error,
      details: { typeName },
    });
  }
}

/** Refuses a message that lacks, in its end, a field without which it is none. */
function refuseIncomplete(check: Decoder<unknown>["check"], message: unknown): void {
  const faults = new Faults();
  check(faults, message);
  const [first, ...others] = faults.violations().filter(({ rule }) => rule === legacyRequired);
  if (first === undefined) return;
  throw new RangeError(`${first.path}${others.length > 0 ? `, and ${others.length} more,` : ""} must be there`);
}
