import type { Attributes } from "@opentelemetry/api";
import * as semantic from "../context/semantic-conventions.js";
import type { AnyContract } from "../contract/contract.js";
import type { Violation } from "../errors.js";
import type { OutgoingRecord } from "../transport/record.js";
import type { SendOutcome } from "../transport/transport.js";
import { busInstruments } from "./bus-instruments.js";
import { BUS_CONTRACT_FIELD, BUS_CONTRACT_RULE } from "./bus-metrics.js";
import { secondsSince, withError } from "./stream-metrics.js";
import { violationField } from "./violation-field.js";

const TOPIC = semantic.MESSAGING_DESTINATION_NAME;

/** Begins to measure a send; 0 where nothing is measured. */
export function beginSend(): number {
  return busInstruments() === undefined ? 0 : performance.now();
}

/** A send that began at `since` is over. */
export function sent(system: string, records: readonly OutgoingRecord[], outcomes: readonly SendOutcome[], since: number): void {
  const instruments = busInstruments();
  if (instruments === undefined || since === 0) return;
  const operation: Attributes = {
    [semantic.MESSAGING_SYSTEM_NAME]: system,
    [semantic.MESSAGING_OPERATION_NAME]: semantic.OPERATION_SEND,
    [semantic.MESSAGING_OPERATION_TYPE]: semantic.OPERATION_SEND,
  };
  for (const [topic, batch] of byTopic(records, outcomes)) {
    const attributes = { ...operation, [TOPIC]: topic };
    const [first] = batch.failures;
    instruments.sendSize.record(batch.total, { [TOPIC]: topic });
    instruments.operationDuration.record(secondsSince(since), withError(attributes, first));
    const written = batch.total - batch.failures.length;
    if (written > 0) instruments.sentMessages.add(written, attributes);
    for (const failure of batch.failures) instruments.sentMessages.add(1, withError(attributes, failure));
  }
}

function byTopic(records: readonly OutgoingRecord[], outcomes: readonly SendOutcome[]) {
  const batches = new Map<string, { total: number; readonly failures: unknown[] }>();
  for (const [index, { topic }] of records.entries()) {
    const batch = batches.get(topic) ?? { total: 0, failures: [] };
    batches.set(topic, batch);
    batch.total++;
    const outcome = outcomes[index];
    if (outcome?.ok === false) batch.failures.push(outcome.error);
  }
  return batches;
}

/** A message was refused. */
export function refused({ typeName, topic }: AnyContract, violations: readonly Violation[]): void {
  const instruments = busInstruments();
  if (instruments === undefined) return;
  for (const violation of violations) {
    instruments.contractViolations.add(1, {
      ...(topic === undefined ? {} : { [TOPIC]: topic.name }),
      [semantic.BUS_MESSAGE_TYPE]: typeName,
      [BUS_CONTRACT_RULE]: violation.rule,
      [BUS_CONTRACT_FIELD]: violationField(typeName, violation),
    });
  }
}
