import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { installKafka } from "@org/bus-testkit/kafka";
import { vi } from "vitest";

export interface JavaMember {
  readonly group: string;
  /** One of the classic group protocol, or the broker of the other one. */
  readonly assignor: "RangeAssignor" | "CooperativeStickyAssignor" | "broker";
}

/** A consumer of Kafka's own Java client (VerifiableConsumer). */
export class JavaConsumer implements AsyncDisposable {
  readonly #process: ChildProcess;
  assigned: number[] = [];
  consumed = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(brokers: readonly string[], topic: string, { group, assignor }: JavaMember): Promise<JavaConsumer> {
    const classPath = await installKafka();
    const options = ["--bootstrap-server", brokers.join(","), "--group-id", group, "--topic", topic];
    const protocol =
      assignor === "broker"
        ? ["--group-protocol", "consumer"]
        : ["--group-protocol", "classic", "--assignment-strategy", `org.apache.kafka.clients.consumer.${assignor}`];
    const program = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classPath, "org.apache.kafka.tools.VerifiableConsumer"];
    const java = spawn("java", [...program, ...options, ...protocol], { stdio: ["ignore", "pipe", "ignore"] });
    const consumer = new JavaConsumer(java);
    createInterface({ input: java.stdout }).on("line", (line) => consumer.#event(line));
    return consumer;
  }

  async until(holds: (consumer: JavaConsumer) => boolean): Promise<void> {
    await vi.waitUntil(() => holds(this), { timeout: 25_000, interval: 20 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }

  #event(line: string): void {
    const event: unknown = JSON.parse(line);
    if (typeof event !== "object" || event === null || !("name" in event)) return;
    if ("partitions" in event && Array.isArray(event.partitions)) {
      const named: number[] = event.partitions.map(({ partition }: { partition: number }) => partition);
      // each names only what comes, or goes
      if (event.name === "partitions_assigned") this.assigned = [...this.assigned, ...named];
      if (event.name === "partitions_revoked") this.assigned = this.assigned.filter((partition) => !named.includes(partition));
    }
    if (event.name === "records_consumed" && "count" in event) this.consumed += Number(event.count);
  }
}
