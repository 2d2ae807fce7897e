import type { Clock } from "../clock.js";
import type { TransportAdmin } from "../transport/transport.js";

/** As long as the Java client's, so that both see added partitions at about the same time. */
const MAX_AGE_MS = 300_000;
/** How long "there is no such topic" is believed: long enough that a loop of publishes does not flood the cluster with questions. */
const MAX_ABSENCE_AGE_MS = 1_000;

interface Entry {
  /** 0: the topic does not exist. */
  readonly partitions: number;
  readonly loadedAt: number;
  refreshing: boolean;
}

/** How many partitions each topic has, as far as the publisher needs to know. */
export class TopicCatalog {
  readonly #entries = new Map<string, Entry>();
  readonly #admin: Pick<TransportAdmin, "describeTopics">;
  readonly #clock: Clock;

  constructor(admin: Pick<TransportAdmin, "describeTopics">, clock: Clock) {
    this.#admin = admin;
    this.#clock = clock;
  }

  /** The partitions of `topic`; 0 when it does not exist; undefined when that has to be loaded first. */
  partitions(topic: string, now: number): number | undefined {
    const entry = this.#entries.get(topic);
    if (entry === undefined) return undefined;
    const age = now - entry.loadedAt;
    if (entry.partitions === 0) return age < MAX_ABSENCE_AGE_MS ? 0 : undefined;
    if (age >= MAX_AGE_MS && !entry.refreshing) this.#refresh(topic, entry);
    return entry.partitions;
  }

  /** @throws {BusError} what the admin of the transport throws, but for a topic that does not exist */
  async load(topic: string): Promise<void> {
    const description = (await this.#admin.describeTopics([topic])).get(topic);
    this.#entries.set(topic, { partitions: description?.partitions ?? 0, loadedAt: this.#clock.now(), refreshing: false });
  }

  /** The next use asks the cluster again. */
  forget(topic: string): void {
    this.#entries.delete(topic);
  }

  /** In the background: the old number serves until the new one is here, also when asking fails. */
  #refresh(topic: string, entry: Entry): void {
    entry.refreshing = true;
    this.load(topic).catch(() => {
      this.#entries.set(topic, { ...entry, loadedAt: this.#clock.now(), refreshing: false });
    });
  }
}
