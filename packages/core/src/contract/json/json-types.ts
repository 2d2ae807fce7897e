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
}

/** The types of a registry, as JSON needs them; made when they are first asked for. */
export class JsonTypes {
  readonly links: Links;
  readonly #messages: ReadonlyMap<string, MessagePlan>;
  readonly #enums: ReadonlyMap<string, EnumPlan>;
  readonly #made = new Map<string, JsonMessage>();
  readonly #names = new Map<string, EnumNames>();

  constructor(messages: Iterable<MessagePlan>, enums: Iterable<EnumPlan>, links: Links) {
    this.#messages = new Map(Array.from(messages, (plan) => [plan.typeName, plan]));
    this.#enums = new Map(Array.from(enums, (plan) => [plan.typeName, plan]));
    this.links = links;
  }

  /** Undefined where the registry has no such message. */
  message(typeName: string): JsonMessage | undefined {
    const known = this.#made.get(typeName);
    if (known !== undefined) return known;
    const plan = this.#messages.get(typeName);
    if (plan === undefined) return undefined;
    const made = { plan, linked: this.links.message(plan), fields: jsonFields(plan) };
    this.#made.set(typeName, made);
    return made;
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
