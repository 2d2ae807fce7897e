import type { Loose } from "../closures/links.js";
import type { Faults } from "../rules/faults.js";
import type { JsonMessage, JsonTypes } from "./json-types.js";
import type { JsonOutput } from "./write-scalar.js";

/** What goes through the writing of a message as JSON. */
export interface JsonWriting {
  readonly types: JsonTypes;
  readonly faults: Faults;
  /** Writes the fields of a message. */
  readonly writeMembers: (writing: JsonWriting, type: JsonMessage, message: Loose) => { [name: string]: JsonOutput };
}
