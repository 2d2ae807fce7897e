import { resolveOptions } from "@org/bus-core/internal";
import type { Sink } from "../sink/sink.js";
import type { Source } from "../source/source.js";
import type { Transform } from "../transform/transform.js";
import { type ConnectorSettings, connectorOptions, type ResolvedConnector } from "./options.js";

// biome-ignore lint/suspicious/noExplicitAny: `In` stands in argument position, so only `any` accepts every transform
export type AnyTransform = Transform<any, any>;

/** What comes out of `Transforms` when `In` goes in. A transform that does not take what the one before it makes gives `never`. */
export type Transformed<In, Transforms extends readonly AnyTransform[]> = Transforms extends readonly [
  Transform<infer Taken, infer Made>,
  ...infer Rest extends readonly AnyTransform[],
]
  ? [In] extends [Taken]
    ? Transformed<Made, Rest>
    : never
  : In;

/** What `defineConnector` takes. */
export interface ConnectorDefinition<In, Transforms extends readonly AnyTransform[]> extends ConnectorSettings {
  readonly source: Source<In>;
  /** In the order in which a record passes them. @default none */
  readonly transforms?: Transforms;
  /** Takes what the last transform makes. */
  readonly sink: Sink<Transformed<In, NoInfer<Transforms>>>;
}

// the same in every copy of this package that a process has loaded
const made = Symbol.for("@org/bus-connect connector");

/** A connector as it was declared. It does nothing before `runConnector`. */
export interface Connector {
  readonly name: string;
  /** @internal */
  readonly [made]: ResolvedConnector;
}

/**
 * Declares a connector: source → transforms → sink.
 *
 * @example
 * export const orders = defineConnector({
 *   name: "orders-to-warehouse",
 *   source: fromTopic(OrderPlaced),
 *   transforms: [filter((order: OrderPlaced) => order.total > 0)],
 *   sink: postgresUpsert({ connection: secret("PG_URL"), table: "orders" }),
 * });
 *
 * @throws {BusError} `invalid_options` with all faults at once
 */
export function defineConnector<In, const Transforms extends readonly AnyTransform[] = readonly []>(
  definition: ConnectorDefinition<In, Transforms>,
): Connector {
  const resolved = resolveOptions("defineConnector", connectorOptions, definition);
  return { name: resolved.name, [made]: resolved };
}

/** Whether `value` is what `defineConnector` makes. */
export function isConnector(value: unknown): value is Connector {
  return typeof value === "object" && value !== null && made in value;
}

/** What a connector was declared with, its defaults filled in. @internal */
export function declared(connector: Connector): ResolvedConnector {
  return connector[made];
}
