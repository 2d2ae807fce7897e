import { compileMessage } from "../closures/compile-contract.js";
import type { LinkedMessage, Links } from "../closures/links.js";
import type { EnumPlan, MessagePlan } from "../compiler/plan.js";
import { type EnumNames, enumNames } from "./enum-names.js";
import { type JsonField, jsonFields } from "./json-fields.js";

/** A message type as JSON needs it. */
export interface JsonMessage {
  readonly plan: MessagePlan;
  /** Its functions for bytes. */
  readonly linked: LinkedMessage;
  /** By both names that a field may have in JSON. */
  readonly fields: ReadonlyMap<string, JsonField>;
  /** The extensions of the message, as fields of a message of their own, which has the same bytes. */
  readonly extensions: JsonMessage | undefined;
}

/** What a registry has for JSON. */
export interface JsonPlans {
  readonly messages: readonly MessagePlan[];
  readonly enums: readonly EnumPlan[];
  /** By the name of the message that they extend. */
  readonly extensions: ReadonlyMap<string, MessagePlan>;
}

/** The types of a registry, as JSON needs them; made when they are first asked for. */
export class JsonTypes {
  readonly links: Links;
  readonly #messages: ReadonlyMap<string, MessagePlan>;
  readonly #enums: ReadonlyMap<string, EnumPlan>;
  readonly #extensions: ReadonlyMap<string, MessagePlan>;
  readonly #made = new Map<string, JsonMessage>();
  readonly #names = new Map<string, EnumNames>();

  constructor({ messages, enums, extensions }: JsonPlans, links: Links) {
    this.#messages = new Map(messages.map((plan) => [plan.typeName, plan]));
    this.#enums = new Map(enums.map((plan) => [plan.typeName, plan]));
    this.#extensions = extensions;
    this.links = links;
  }

  /** Undefined where the registry has no such message. */
  message(typeName: string): JsonMessage | undefined {
    const known = this.#made.get(typeName);
    if (known !== undefined) return known;
    const plan = this.#messages.get(typeName);
    if (plan === undefined) return undefined;
    const made = { plan, linked: this.links.message(plan), fields: jsonFields(plan), extensions: this.#extensionsOf(typeName) };
    this.#made.set(typeName, made);
    return made;
  }

  #extensionsOf(typeName: string): JsonMessage | undefined {
    const plan = this.#extensions.get(typeName);
    return plan && { plan, linked: compileMessage(plan, this.links), fields: jsonFields(plan), extensions: undefined };
  }

  /** The names of an enum that a message of the registry has. */
  enumNames(typeName: string): EnumNames {
    const known = this.#names.get(typeName);
    if (known !== undefined) return known;
    const made = enumNames(this.#enums.get(typeName)?.values ?? []);
    this.#names.set(typeName, made);
    return made;
  }
}
