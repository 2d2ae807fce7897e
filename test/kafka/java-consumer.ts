import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { installKafka } from "@org/bus-testkit/kafka";
import { vi } from "vitest";

/** A consumer of Kafka's own Java client (VerifiableConsumer), of the classic group protocol with the range assignor. */
export class JavaConsumer implements AsyncDisposable {
  readonly #process: ChildProcess;
  assigned: number[] = [];
  consumed = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(brokers: readonly string[], group: string, topic: string): Promise<JavaConsumer> {
    const classPath = await installKafka();
    const options = ["--bootstrap-server", brokers.join(","), "--group-id", group, "--topic", topic, "--group-protocol", "classic"];
    const args = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classPath, "org.apache.kafka.tools.VerifiableConsumer", ...options];
    const java = spawn("java", [...args, "--assignment-strategy", "org.apache.kafka.clients.consumer.RangeAssignor"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
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
    if (event.name === "partitions_assigned" && "partitions" in event && Array.isArray(event.partitions)) {
      this.assigned = event.partitions.map(({ partition }: { partition: number }) => partition);
    }
    if (event.name === "records_consumed" && "count" in event) this.consumed += Number(event.count);
  }
}
