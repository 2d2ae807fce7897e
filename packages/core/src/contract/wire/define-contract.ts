import { messageOf, type Violation } from "../../errors.js";
import type { CompactedContract, Contract, KeyKind, TopicDeclaration } from "../contract.js";
import type { MessageDescription } from "../description/description.js";
import { Faults } from "../rules/faults.js";
import { checkKeyIsThere } from "../rules/presence.js";
import type { FieldTable } from "../violations/field-table.js";
import { decode } from "./decode.js";
import type { MessageReader } from "./reader.js";
import { Writer } from "./writer.js";

/** What a generated file knows of a message. */
export interface ContractDefinition<T extends object, Init extends object> {
  readonly typeName: string;
  readonly topic?: TopicDeclaration;
  readonly sensitiveFields: readonly string[];
  /** Asked for when there is a fault. */
  readonly fields?: () => FieldTable;
  readonly check: (faults: Faults, message: unknown) => void;
  readonly write: (writer: Writer, message: Init) => void;
  readonly read: (reader: MessageReader) => T;
  readonly key: (message: Init) => Uint8Array | null;
  readonly describe?: () => MessageDescription;
}

/** The contract of a message. */
export function defineContract<T extends object, Init extends object>(definition: ContractDefinition<T, Init>): Contract<T, Init> {
  const { typeName, topic, sensitiveFields, fields, check, write, read, key, describe } = definition;
  return {
    typeName,
    ...(topic !== undefined && { topic }),
    sensitiveFields,
    key,
    ...(describe !== undefined && { describe }),
    validate: (message) => validate(check, message, fields),
    encode: (message) => encode(write, message),
    decode: (bytes, limits) => decode({ typeName, check, read }, bytes, limits),
  };
}

/** What a generated file knows of a message whose topic is compacted. */
export interface CompactedContractDefinition<T extends object, Init extends object> extends ContractDefinition<T, Init> {
  readonly topic: CompactedContract<T, Init>["topic"];
  /** The properties that lead to the key. */
  readonly keyPath: readonly string[];
  readonly keyKind: KeyKind;
}

/** The contract of a message whose topic is compacted: it has a key. */
export function defineCompactedContract<T extends object, Init extends object>(
  definition: CompactedContractDefinition<T, Init>,
): CompactedContract<T, Init> {
  const { topic, check, key, keyPath, keyKind } = definition;
  // not in `check`, which also stands for messages inside others
  const checkWithKey = (faults: Faults, message: unknown): void => {
    check(faults, message);
    checkKeyIsThere(faults, keyPath, message, () => key(message as Init) !== null);
  };
  return { ...defineContract({ ...definition, check: checkWithKey }), topic, keyKind };
}

const maxSpareBytes = 65_536;

/** A Writer with its memory, kept for the next message. */
let spareWriter: Writer | undefined;

/** The bytes of a message in which no fault was found. */
export function encode<Init extends object>(write: (writer: Writer, message: Init) => void, message: Init): Uint8Array {
  const writer = spareWriter ?? new Writer();
  // a message may have a getter that encodes another one
  spareWriter = undefined;
  write(writer, message);
  const bytes = writer.finish();
  if (writer.capacity <= maxSpareBytes) {
    writer.reset();
    spareWriter = writer;
  }
  return bytes;
}

function validate(check: (faults: Faults, message: unknown) => void, message: unknown, fields: (() => FieldTable) | undefined): readonly Violation[] {
  const faults = spareFaults ?? new Faults();
  // a message may have a getter that validates another one
  spareFaults = undefined;
  try {
    check(faults, message);
  } catch (error) {
    // a getter or a proxy of the message threw: what cannot be read cannot be published
    return [{ path: "", rule: "unreadable", message: `must be readable: ${messageOf(error)}` }];
  }
  if (!faults.reset()) return faults.violations(fields);
  spareFaults = faults;
  return none;
}

/** Found nothing so far, and kept for the next message. */
let spareFaults: Faults | undefined;

const none: readonly Violation[] = Object.freeze([]);
