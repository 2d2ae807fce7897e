import { type Bus, createBus, type Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { startStepHandler } from "./handle-steps.js";
import { keyedPipelineTests } from "./keyed-pipeline.js";
import { missingSteps, reportOf } from "./step-events.js";
import { lagOf, publishSteps, STEPS, STEPS_PER_TRACK, TRACKS } from "./steps.js";

const { available, brokers } = await kafkaForTests();

describe.skipIf(!available)("a keyed pipeline on Kafka", () => {
  let transport: Transport;
  let bus: Bus;
  let since: Date;
  beforeAll(async () => {
    transport = kafka({ brokers });
    bus = createBus({ service: "keyed-pipeline-test", transport });
    since = await publishSteps(bus);
  }, 120_000);
  afterAll(() => bus.close());

  keyedPipelineTests(() => ({ bus, transport, since }));

  test("loses nothing when its process is killed halfway and started again", async () => {
    const group = `killed-${crypto.randomUUID()}`;

    const first = startStepHandler(brokers, group, since);
    let ended = 0;
    await first.until((event) => event.phase === "end" && ++ended === STEPS / 2);
    await first.kill();

    const second = startStepHandler(brokers, group, since);
    const open = new Set(missingSteps([reportOf(first.events)], TRACKS, STEPS_PER_TRACK));
    await second.until((event) => event.phase === "end" && open.delete(`${event.track}/${event.position}`) && open.size === 0);
    expect(await second.close()).toBe(0);

    const reports = [reportOf(first.events), reportOf(second.events)];
    for (const { overlaps, disorders } of reports) {
      expect(overlaps).toEqual([]);
      expect(disorders).toEqual([]);
    }
    expect(missingSteps(reports, TRACKS, STEPS_PER_TRACK)).toEqual([]);
    const lag = await lagOf(transport, group);
    expect(lag).toHaveLength(6);
    expect(lag.map(({ committed }) => committed)).toEqual(lag.map(({ logEnd }) => logEnd));
  }, 180_000);
});
