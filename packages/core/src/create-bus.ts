import { z } from "zod";
import type { Bus } from "./bus.js";
import { rememberInternals } from "./bus-internals.js";
import { type Clock, systemClock } from "./clock.js";
import { consume } from "./consume/consume.js";
import type { ConsumeDependencies } from "./consume/dependencies.js";
import { OpenConsumptions } from "./consume/open-consumptions.js";
import { handlerScope } from "./consume/run/handler-scope.js";
import { consumerTracing } from "./context/consumer-tracing.js";
import { correlated } from "./correlated-logger.js";
import { BusError } from "./errors.js";
import { type Logger, stderrLogger } from "./logger.js";
import { resolveOptions } from "./options.js";
import { createPublisher } from "./publish/create-publisher.js";
import { publisherOptions } from "./publish/options.js";
import { TopicCatalog } from "./publish/topic-catalog.js";
import { createTopics } from "./topics.js";
import { memory } from "./transport/memory/memory.js";
import type { Transport } from "./transport/transport.js";

/** An object with the methods `names`; what they do is for its type to say. */
function objectWith<T>(names: readonly string[], what: string) {
  const fits = (value: unknown) =>
    typeof value === "object" && value !== null && names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  return z.custom<T>(fits, { error: what });
}

const busOptions = z.strictObject({
  /** `service.name` of this process: in the headers of what it publishes. */
  service: z.string().min(1),
  /** The cluster; the bus owns it from then on and closes it. @default memory() */
  transport: objectWith<Transport>(
    ["createProducer", "createConsumer", "close"],
    "must be a Transport, such as memory() or kafka({ brokers })",
  ).optional(),
  /** How messages are gathered on their way out. */
  publish: publisherOptions.prefault({}),
  // zod hands out a copy of a default that is an object; a function's result it leaves alone
  /** @default warnings and errors to stderr, as lines of JSON */
  logger: objectWith<Logger>(["debug", "info", "warn", "error"], "must have the methods debug, info, warn and error").default(() => stderrLogger),
  /** Time, for tests. @default the system's */
  clock: objectWith<Clock>(["now", "schedule"], "must be a Clock").default(() => systemClock),
  /** Numbers from 0 to below 1, for tests: of the waits between tries, and of the first partition for records without a key. @default Math.random */
  random: z.custom<() => number>((value) => typeof value === "function", "must be a function").default(() => Math.random),
});

/** Those of `createBus`, as given; each default stands beside its option in the schema above. */
export type BusOptions = z.input<typeof busOptions>;

/**
 * A bus for this process. Nothing is connected before it is used; `await using` closes it.
 *
 * @throws {BusError} `invalid_options` with all faults at once
 */
export function createBus(options: BusOptions): Bus {
  const { service, transport: given, publish, logger: plain, clock, random } = resolveOptions("createBus", busOptions, options);
  const logger = correlated(plain);
  const transport = given ?? memory({ clock });
  const catalog = new TopicCatalog(transport.admin, clock);
  const publisher = createPublisher({ service, transport, catalog, clock, logger, random, options: publish });
  const topics = createTopics({ admin: transport.admin, logger, changed: (topic) => catalog.forget(topic) });
  const consumptions = new OpenConsumptions();
  const internals: ConsumeDependencies = { transport, publisher, tracing: consumerTracing(transport.name), clock, random, logger, consumptions };
  let closing: Promise<void> | undefined;

  const close = async () => {
    // what consumes publishes, and both need the transport: a fault of one must not keep the next open
    const faults: unknown[] = [];
    const attempt = (step: Promise<void>) => step.catch((fault: unknown) => faults.push(fault));
    await attempt(consumptions.closeAll());
    await attempt(publisher.close());
    await attempt(transport.close());
    if (faults.length > 0) throw BusError.from(faults[0], "transport_failed");
  };

  const bus: Bus = {
    service,
    topics,
    publish: (contract, message, publishOptions) => publisher.publish(contract, message, publishOptions),
    publishAll: (contract, messages, publishOptions) => publisher.publishAll(contract, messages, publishOptions),
    publishTombstone: (contract, key, publishOptions) => publisher.publishTombstone(contract, key, publishOptions),
    consume: (contracts, handlerOptions, handler) => consume(internals, contracts, handlerOptions, handler),
    close() {
      closing ??= close();
      const scope = handlerScope.getStore();
      return scope?.consumptions === consumptions ? Promise.race([closing, scope.othersEnded()]) : closing;
    },
    [Symbol.asyncDispose]: () => bus.close(),
  };
  rememberInternals(bus, internals);
  return bus;
}
