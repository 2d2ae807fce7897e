import { BusError } from "../errors.js";
import type { Logger } from "../logger.js";
import { createPublisher } from "../publish/create-publisher.js";
import { type PublisherOptions, publisherOptions } from "../publish/options.js";
import { TopicCatalog } from "../publish/topic-catalog.js";
import type { OutgoingRecord } from "../transport/record.js";
import { ManualClock } from "./manual-clock.js";
import { Reading } from "./reading.js";
import { ScriptedTransport } from "./scripted-transport.js";

export function setupPublisher(options: PublisherOptions = {}) {
  const clock = new ManualClock();
  const transport = new ScriptedTransport();
  transport.topics.set("lab.readings", 4).set("lab.current", 2);
  const catalog = new TopicCatalog(transport.admin, clock);
  const warnings: object[] = [];
  const logger: Logger = { debug() {}, info() {}, warn: (fields) => warnings.push(fields), error() {} };
  const publisher = createPublisher({
    service: "lab",
    transport,
    catalog,
    clock,
    logger,
    random: Math.random,
    options: publisherOptions.parse(options),
  });
  return { clock, transport, catalog, publisher, warnings };
}

/** What the promise rejects with. */
export const failure = (promise: Promise<unknown>): Promise<BusError> =>
  promise.then(
    () => {
      throw new Error("it was fulfilled");
    },
    (error: unknown) => {
      if (error instanceof BusError) return error;
      throw error;
    },
  );

export const reading = (sensor: string, celsius = 20): Reading => ({ sensor, celsius });
export const celsiusOf = (record: OutgoingRecord | undefined) => Reading.decode(record?.value ?? new Uint8Array()).celsius;
