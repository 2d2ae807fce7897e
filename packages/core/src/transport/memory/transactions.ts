import type { Clock } from "../../clock.js";
import { BusError } from "../../errors.js";
import type { OutgoingRecord } from "../record.js";
import type { CommitRequest } from "../transport.js";
import type { PartitionLog, WrittenBy } from "./partition-log.js";

interface OpenTransaction extends WrittenBy {
  state: "open" | "committed" | "aborted";
  readonly logs: Set<PartitionLog>;
  readonly cancelTimeout: () => void;
}

interface Writer {
  epoch: number;
  open: OpenTransaction | undefined;
}

/** A producer as the coordinator knows it. */
export interface ProducerEpoch {
  readonly transactionalId: string;
  readonly epoch: number;
}

/** Coordinates the transactions of a cluster: one producer per transactional id, the latest. */
export class TransactionCoordinator {
  readonly #clock: Clock;
  readonly #writers = new Map<string, Writer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new producer: earlier ones with its id are fenced, and what they left open is aborted. */
  init(transactionalId: string): ProducerEpoch {
    const writer = this.#writers.get(transactionalId) ?? { epoch: 0, open: undefined };
    this.#writers.set(transactionalId, writer);
    this.#end(writer, "aborted");
    writer.epoch++;
    return { transactionalId, epoch: writer.epoch };
  }

  /** Writes what nobody sees before the transaction is committed. @throws {BusError} `fenced` */
  write(producer: ProducerEpoch, records: readonly { readonly record: OutgoingRecord; readonly log: PartitionLog }[], timeoutMs: number): void {
    const writer = this.#writerOf(producer);
    writer.open ??= {
      state: "open",
      logs: new Set(),
      cancelTimeout: this.#clock.schedule(timeoutMs, () => {
        this.#end(writer, "aborted");
        writer.epoch++;
      }),
    };
    for (const { record, log } of records) {
      writer.open.logs.add(log);
      log.append(record, writer.open);
    }
  }

  /** Commits what was written and, by `commitOffsets`, the offsets. @throws {BusError} `fenced`, or what `commitOffsets` throws; then nothing is committed */
  commit(producer: ProducerEpoch, offsets: readonly CommitRequest[], commitOffsets: (offsets: readonly CommitRequest[]) => void): void {
    const writer = this.#writerOf(producer);
    commitOffsets(offsets);
    this.#end(writer, "committed");
  }

  /** Without effect for a producer that is fenced. */
  abort({ transactionalId, epoch }: ProducerEpoch): void {
    const writer = this.#writers.get(transactionalId);
    if (writer?.epoch === epoch) this.#end(writer, "aborted");
  }

  #end(writer: Writer, state: "committed" | "aborted"): void {
    const { open } = writer;
    if (open === undefined) return;
    writer.open = undefined;
    open.state = state;
    open.cancelTimeout();
    for (const log of open.logs) log.mark(open);
  }

  #writerOf({ transactionalId, epoch }: ProducerEpoch): Writer {
    const writer = this.#writers.get(transactionalId);
    if (writer?.epoch === epoch) return writer;
    throw new BusError("fenced", `a later producer has the transactional id ${transactionalId}, or its transaction took too long`, {
      details: { transactionalId },
    });
  }
}
