import type { Bus, TopicPartition, Transport } from "@org/bus-core";
import { Step } from "../contracts/gen/streams/v1/step.js";
import { trackName } from "./step-events.js";

export const TRACKS = 1_000;
export const STEPS_PER_TRACK = 100;
export const STEPS = TRACKS * STEPS_PER_TRACK;

/** Publishes the steps of all tracks, position by position. Resolves with when it began: a Kafka that is kept may hold those of earlier runs. */
export async function publishSteps(bus: Bus): Promise<Date> {
  await bus.topics.ensure([Step]);
  const since = new Date();
  for (let position = 0; position < STEPS_PER_TRACK; position++) {
    await bus.publishAll(
      Step,
      Array.from({ length: TRACKS }, (_, track) => ({ track: trackName(track), position })),
    );
  }
  return since;
}

export interface Lag extends TopicPartition {
  readonly committed: number | undefined;
  readonly logEnd: number;
}

/** How far each partition of the steps has been committed by `group`. */
export async function lagOf(transport: Transport, group: string): Promise<readonly Lag[]> {
  const topic = Step.topic?.name ?? "";
  const committed = await transport.admin.committed(group, [topic]);
  const offsets = await transport.admin.offsets(topic);
  return offsets.map(({ partition, logEnd }) => ({
    topic,
    partition,
    committed: committed.find((commit) => commit.partition === partition)?.offset,
    logEnd,
  }));
}
