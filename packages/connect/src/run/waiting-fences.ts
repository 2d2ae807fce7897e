import type { Logger } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import type { SplitTask } from "./split-tasks.js";

/**
 * Exactly once, a process that was killed leaves transactions open, each of which hides all positions in its partition until it times out. A task ends what was
 * left open of its own split before it asks for the position; what was left open of splits that wait for their turn is ended here, one after another.
 */
export class WaitingFences {
  private readonly known = new WeakSet<SplitTask>();
  private last: Promise<void> = Promise.resolve();

  /** @param fence ends what was left open of a split; undefined where nothing is written in transactions */
  constructor(
    private readonly fence: ((split: string) => Promise<void>) | undefined,
    private readonly logger: Logger,
  ) {}

  /** @param isNeeded whether the split is ours, and something hides positions in its partition */
  add(entry: SplitTask, isNeeded: () => boolean): void {
    const { fence } = this;
    if (fence === undefined || this.known.has(entry) || !isNeeded()) return;
    this.known.add(entry);
    this.last = this.last.then(async () => {
      // its turn may have come meanwhile, or the fence of another was enough
      if (entry.task !== undefined || !isNeeded()) return;
      entry.fencing = fence(entry.split.id).catch((error: unknown) => {
        const text = "what an earlier owner of a split may have left open could not be ended; it ends when it times out";
        this.logger.warn({ task: entry.split.id, error: messageOf(error) }, text);
      });
      await entry.fencing;
    });
  }
}
