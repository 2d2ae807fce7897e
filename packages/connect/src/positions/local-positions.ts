import type { SplitPosition } from "../task/split/split-log.js";
import type { Positions } from "./position-store.js";

/** Positions of a connector that runs in this process only: all splits are its own. */
export class LocalPositions implements Positions {
  private readonly positions: Map<string, SplitPosition>;

  constructor(
    positions: ReadonlyMap<string, SplitPosition>,
    private readonly save: (positions: ReadonlyMap<string, SplitPosition>) => Promise<void>,
    private readonly release: () => Promise<void> = async () => {},
  ) {
    this.positions = new Map(positions);
  }

  owns(): boolean {
    return true;
  }

  isHidden(): boolean {
    return false;
  }

  async load(split: string): Promise<SplitPosition | undefined> {
    return this.positions.get(split);
  }

  async store(split: string, position: SplitPosition): Promise<void> {
    this.positions.set(split, position);
    await this.save(this.positions);
  }

  async clear(split: string): Promise<void> {
    this.positions.delete(split);
    await this.save(this.positions);
  }

  record(): undefined {
    return undefined;
  }

  async all(): Promise<ReadonlyMap<string, SplitPosition>> {
    return this.positions;
  }

  readonly settled = Promise.resolve();

  async markDone(): Promise<void> {}

  isDone(): boolean {
    return false;
  }

  close(): Promise<void> {
    return this.release();
  }
}
