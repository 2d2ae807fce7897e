import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { installKafka } from "@org/bus-testkit/kafka";
import { vi } from "vitest";

export interface JavaMember {
  readonly group: string;
  /** Of the classic group protocol, the most wanted first, or the broker of the other one. */
  readonly assignor: "RangeAssignor" | "CooperativeStickyAssignor" | "RangeAssignor,CooperativeStickyAssignor" | "broker";
  /** Called for each record that it reads. */
  readonly onRead?: (partition: number, offset: number) => void;
}

/** A consumer of Kafka's own Java client (VerifiableConsumer). */
export class JavaConsumer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #onRead: (partition: number, offset: number) => void;
  assigned: number[] = [];
  consumed = 0;

  private constructor(process: ChildProcess, onRead: JavaMember["onRead"] = () => {}) {
    this.#process = process;
    this.#onRead = onRead;
  }

  static async start(brokers: readonly string[], topic: string, { group, assignor, onRead }: JavaMember): Promise<JavaConsumer> {
    const classPath = await installKafka();
    const options = ["--bootstrap-server", brokers.join(","), "--group-id", group, "--topic", topic];
    const protocol =
      assignor === "broker"
        ? ["--group-protocol", "consumer"]
        : ["--group-protocol", "classic", "--assignment-strategy", assignor.replaceAll(/\w+/g, "org.apache.kafka.clients.consumer.$&")];
    const program = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classPath, "org.apache.kafka.tools.VerifiableConsumer"];
    const java = spawn("java", [...program, ...options, ...protocol], { stdio: ["ignore", "pipe", "ignore"] });
    const consumer = new JavaConsumer(java, onRead);
    createInterface({ input: java.stdout }).on("line", (line) => consumer.#event(line));
    return consumer;
  }

  async until(holds: (consumer: JavaConsumer) => boolean): Promise<void> {
    await vi.waitUntil(() => holds(this), { timeout: 25_000, interval: 20 });
  }

  /** Ends it as a deployment does: it leaves its group. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill(signal);
    await exited;
  }

  #event(line: string): void {
    const event: unknown = JSON.parse(line);
    if (typeof event !== "object" || event === null || !("name" in event) || !("partitions" in event) || !Array.isArray(event.partitions)) return;
    const { partitions }: { partitions: readonly Record<"partition" | "minOffset" | "maxOffset", number>[] } = { partitions: event.partitions };
    const named = partitions.map(({ partition }) => partition);
    // each names only what comes, or goes
    if (event.name === "partitions_assigned") this.assigned = [...this.assigned, ...named];
    if (event.name === "partitions_revoked") this.assigned = this.assigned.filter((partition) => !named.includes(partition));
    if (event.name !== "records_consumed") return;
    for (const { partition, minOffset, maxOffset } of partitions) {
      for (let offset = minOffset; offset <= maxOffset; offset++) this.#onRead(partition, offset);
      this.consumed += maxOffset - minOffset + 1;
    }
  }
}
