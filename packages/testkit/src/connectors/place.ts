import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "./child/job.js";
import type { Harness } from "./harness.js";
import { Journal } from "./journal.js";
import { type Child, startChild } from "./run-child.js";

/** The files of one test, and the processes that it has started. */
export class Place<H extends Harness> implements AsyncDisposable {
  readonly journal: Journal;
  private readonly children: Child[] = [];

  private constructor(
    readonly harness: H,
    private readonly folder: string,
    private readonly base: Pick<Job, "kind" | "module">,
    private readonly execArgv: readonly string[],
  ) {
    this.journal = new Journal(join(folder, "journal.ndjson"));
  }

  static async make<H extends Harness>(
    create: () => Promise<H>,
    { execArgv = [], ...base }: Pick<Job, "kind" | "module"> & { readonly execArgv?: readonly string[] },
  ): Promise<Place<H>> {
    return new Place(await create(), await mkdtemp(join(tmpdir(), "bus-connector-suite-")), base, execArgv);
  }

  get positionsPath(): string {
    return join(this.folder, "positions.json");
  }

  start(job: Partial<Job> = {}): Child {
    const files = { positions: this.positionsPath, journal: join(this.folder, "journal.ndjson") };
    const child = startChild(
      { ...this.base, settings: this.harness.settings, ...files, records: 0, strike: undefined, pressure: undefined, ...job },
      this.execArgv,
    );
    this.children.push(child);
    return child;
  }

  /** The largest position that is stored, of a source whose positions are numbers. */
  async storedNumber(): Promise<number> {
    const text = await readFile(this.positionsPath, "utf8").catch(() => "{}");
    const stored = JSON.parse(text) as Readonly<Record<string, Readonly<Record<string, { readonly position: number }>>>>;
    return Math.max(0, ...Object.values(stored["under-test"] ?? {}).map(({ position }) => position));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) child.kill();
    await Promise.all(this.children.map((child) => child.ended));
    await this.harness.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
