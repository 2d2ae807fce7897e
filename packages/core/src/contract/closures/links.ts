import { createEvaluators } from "../cel/evaluate/evaluator.js";
import type { EnumPlan, MessagePlan, TypeReference } from "../compiler/plan.js";
import type { Faults } from "../rules/faults.js";
import type { FieldTable } from "../violations/field-table.js";
import type { MessageReader } from "../wire/reader.js";
import type { Writer } from "../wire/writer.js";

/** A message, with properties of which nothing is known. */
export type Loose = Readonly<Record<string, unknown>>;

export type CheckMessage = (faults: Faults, message: unknown) => void;
export type WriteMessage = (writer: Writer, message: Loose) => void;
export type ReadMessage = (reader: MessageReader, previous?: object, end?: number) => object;

/** What became of a message's plan. Messages refer to each other, and to themselves, so the functions are looked up when they run. */
export interface LinkedMessage {
  readonly fields: FieldTable;
  readonly check: CheckMessage;
  readonly write: WriteMessage;
  readonly read: ReadMessage;
}

/** The types that plans refer to, compiled when they are first asked for. */
export class Links {
  readonly #compile: (message: MessagePlan, links: Links) => LinkedMessage;
  readonly #messages: ReadonlyMap<string, MessagePlan>;
  readonly #enums: ReadonlyMap<string, EnumPlan>;
  readonly #linked = new Map<string, LinkedMessage>();
  readonly #evaluators = new Map<Uint8Array, ReturnType<typeof createEvaluators>>();
  readonly #declared = new Map<string, (value: unknown) => boolean>();

  constructor(messages: Iterable<MessagePlan>, enums: Iterable<EnumPlan>, compile: (message: MessagePlan, links: Links) => LinkedMessage) {
    this.#messages = new Map(Array.from(messages, (plan) => [plan.typeName, plan]));
    this.#enums = new Map(Array.from(enums, (plan) => [plan.typeName, plan]));
    this.#compile = compile;
  }

  message({ typeName }: TypeReference): LinkedMessage {
    const known = this.#linked.get(typeName);
    if (known !== undefined) return known;
    const plan = this.#messages.get(typeName);
    if (plan === undefined) throw new TypeError(`no plan of ${typeName}`);
    // what refers to it while it is being compiled gets this one, which is complete before any message is looked at
    const linked = {} as LinkedMessage;
    this.#linked.set(typeName, linked);
    return Object.assign(linked, this.#compile(plan, this));
  }

  /** What evaluates rules on the types in `descriptors`; one for all messages of a file. */
  evaluators(descriptors: Uint8Array): ReturnType<typeof createEvaluators> {
    const known = this.#evaluators.get(descriptors);
    if (known !== undefined) return known;
    const made = createEvaluators(() => descriptors);
    this.#evaluators.set(descriptors, made);
    return made;
  }

  /** Whether a value is one that the enum declares. */
  isDeclared({ typeName }: TypeReference): (value: unknown) => boolean {
    const known = this.#declared.get(typeName);
    if (known !== undefined) return known;
    const numbers = new Set<unknown>(this.#enums.get(typeName)?.values.map(({ number }) => number));
    const isDeclared = (value: unknown): boolean => numbers.has(value);
    this.#declared.set(typeName, isDeclared);
    return isDeclared;
  }
}
