import type { BusError } from "../errors.js";
import type { OutgoingRecord } from "../transport/record.js";
import type { SendOutcome, TopicDescription, Transport, TransportAdmin, TransportProducer } from "../transport/transport.js";

/** One call of `send`, which a test answers. */
export interface ScriptedSend {
  readonly records: readonly OutgoingRecord[];
  readonly timeoutMs: number;
  /** Acknowledges all, or fails those for which `failure` gives an error. */
  answer(failure?: (record: OutgoingRecord, index: number) => BusError | undefined): void;
  /** Breaks the contract of transports: the whole call fails. */
  reject(error: unknown): void;
}

/** The producing half of a transport, whose answers a test gives. */
export class ScriptedTransport implements Pick<Transport, "name" | "createProducer"> {
  readonly name = "scripted";
  /** All sends, in order. */
  readonly sends: ScriptedSend[] = [];
  /** Answers each send at once. */
  automatic = true;
  /** Partitions by topic. */
  readonly topics = new Map<string, number>();
  /** What was asked about. */
  readonly described: string[] = [];
  /** Thrown by the next `createProducer` or `describeTopics`. */
  nextFault: unknown;
  closedProducers = 0;
  #offset = 0;
  #out = 0;
  #arrived: (() => void)[] = [];

  readonly admin: Pick<TransportAdmin, "describeTopics"> = {
    describeTopics: async (names) => {
      this.#throwFault();
      this.described.push(...names);
      const found = names.flatMap((name): [string, TopicDescription][] => {
        const partitions = this.topics.get(name);
        return partitions === undefined ? [] : [[name, { name, partitions, cleanup: "delete", retentionMs: -1 }]];
      });
      return new Map(found);
    },
  };

  async createProducer(): Promise<TransportProducer> {
    this.#throwFault();
    return {
      send: (records, { timeoutMs }) => this.#send(records, timeoutMs),
      close: async () => {
        this.closedProducers += 1;
      },
    };
  }

  /** The send at `index`, as soon as it is there. */
  async nth(index: number): Promise<ScriptedSend> {
    for (;;) {
      const send = this.sends[index];
      if (send !== undefined) return send;
      await new Promise<void>((resolve) => this.#arrived.push(resolve));
    }
  }

  #send(records: readonly OutgoingRecord[], timeoutMs: number): Promise<readonly SendOutcome[]> {
    if (this.#out > 0) throw new Error("a send while another is out");
    this.#out += 1;
    return new Promise((resolve, reject) => {
      const send: ScriptedSend = {
        records,
        timeoutMs,
        answer: (failure) => {
          this.#out -= 1;
          resolve(records.map((record, index) => this.#outcome(failure?.(record, index))));
        },
        reject: (error) => {
          this.#out -= 1;
          reject(error);
        },
      };
      this.sends.push(send);
      for (const arrived of this.#arrived.splice(0)) arrived();
      if (this.automatic) send.answer();
    });
  }

  #outcome(error: BusError | undefined): SendOutcome {
    return error === undefined ? { ok: true, offset: this.#offset++ } : { ok: false, error };
  }

  #throwFault(): void {
    const fault = this.nextFault;
    this.nextFault = undefined;
    if (fault !== undefined) throw fault;
  }
}
