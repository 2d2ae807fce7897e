import type { Violation } from "../../errors.js";
import type { Contract } from "../contract.js";
import type { FromJsonOptions } from "../json/from-json.js";
import type { ToJsonOptions } from "../json/to-json.js";
import type { DecodeLimits } from "../wire/limits.js";

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

  /** @throws {BusError} `malformed_message`, also for what goes beyond `limits` */
  decode(typeName: string, bytes: Uint8Array, limits?: DecodeLimits): object;

  /**
   * A message, or the bytes of one, as JSON text in the canonical mapping of Protobuf. Rules may be broken; fields that the contract does not know
   * are left out, and an `Any` must be of a type of this registry.
   *
   * @throws {BusError} `contract_violation`: what has no form in JSON, with every fault; `malformed_message`
   */
  toJson(typeName: string, message: unknown, options?: ToJsonOptions): string;

  /**
   * The message that a JSON text is, in the canonical mapping of Protobuf: fields by either name, integers and enums as numbers or text. Rules may
   * be broken.
   *
   * @throws {BusError} `malformed_message`, with every fault, or the line and column of what is no JSON
   */
  fromJson(typeName: string, json: string, options?: FromJsonOptions): object;

  /** The bytes of a message. @throws {BusError} `contract_violation`, with all of its faults */
  encode(typeName: string, message: unknown): Uint8Array;
}
