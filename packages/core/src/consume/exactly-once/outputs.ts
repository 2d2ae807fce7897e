import type { OutgoingRecord } from "../../transport/record.js";

/** What came of one message and is to be written together with its offset. */
export class Outputs {
  private readonly published = new Map<object, OutgoingRecord>();
  private deadLetter: OutgoingRecord | undefined;

  get records(): readonly OutgoingRecord[] {
    return this.deadLetter === undefined ? [...this.published.values()] : [this.deadLetter];
  }

  /** What is published for `delivery` once more, because what came before it in its key is tried again, takes the place of the first. */
  publish(delivery: object, record: OutgoingRecord): void {
    this.published.delete(delivery);
    this.published.set(delivery, record);
  }

  /** A message that becomes a dead letter publishes nothing else: what is published when it is redriven would be there twice. */
  replaceBy(deadLetter: OutgoingRecord): void {
    this.deadLetter = deadLetter;
  }
}
