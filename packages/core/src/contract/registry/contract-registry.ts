import type { Violation } from "../../errors.js";
import type { Contract } from "../contract.js";

/**
 * The contracts of a descriptor set, for tools that meet them at run time. A type is named by its full Protobuf name; one that the set does not
 * declare is a {@link BusError} `invalid_options`, which names those that may have been meant.
 */
export interface ContractRegistry {
  /** Every message, by its full name. Each is a contract as `bus gen` makes them, to publish and to consume. */
  readonly contracts: ReadonlyMap<string, Contract>;
  /** The contracts that have a topic, by its name. */
  readonly byTopic: ReadonlyMap<string, Contract>;

  /** The contract of a type. */
  contract(typeName: string): Contract;

  /** Every fault of a message, as `Contract.validate`. */
  validate(typeName: string, message: unknown): readonly Violation[];

  /** Every fault of an encoded message. @throws {BusError} `malformed_message` */
  validateBytes(typeName: string, bytes: Uint8Array): readonly Violation[];

  /** @throws {BusError} `malformed_message` */
  decode(typeName: string, bytes: Uint8Array): object;

  /** The bytes of a message. @throws {BusError} `contract_violation`, with all of its faults */
  encode(typeName: string, message: unknown): Uint8Array;
}
