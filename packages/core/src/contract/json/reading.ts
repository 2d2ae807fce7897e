import type { Faults } from "../rules/faults.js";
import type { JsonMembers } from "./json-node.js";
import type { JsonMessage, JsonTypes } from "./json-types.js";

/** What goes through the reading of a JSON text. */
export interface JsonReading {
  readonly types: JsonTypes;
  readonly faults: Faults;
  readonly ignoreUnknownFields: boolean;
  /** Reads members as fields of a message, but for the one that is called `except`; undefined after a fault that leaves no message. */
  readonly readMembers: (reading: JsonReading, type: JsonMessage, members: JsonMembers, except?: string) => object | undefined;
}

/** A message that is being read. */
export type Target = Record<string, unknown>;

/** Where a value stands: which field of which message. */
export interface Place {
  readonly message: Target;
  readonly typeName: string;
  readonly number: number;
}
