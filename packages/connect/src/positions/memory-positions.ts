import type { SplitPosition } from "../task/split/split-log.js";
import { LocalPositions } from "./local-positions.js";
import type { PositionStore, Positions } from "./position-store.js";

/** Of each connector, as long as the process lives: for tests. */
export class MemoryPositions implements PositionStore {
  private readonly connectors = new Map<string, ReadonlyMap<string, SplitPosition>>();

  async open(connector: string): Promise<Positions> {
    return new LocalPositions(this.connectors.get(connector) ?? new Map(), async (positions) => {
      this.connectors.set(connector, new Map(positions));
    });
  }

  async stored(connector: string): Promise<ReadonlyMap<string, SplitPosition>> {
    return this.of(connector);
  }

  /** What is stored now. */
  of(connector: string): ReadonlyMap<string, SplitPosition> {
    return this.connectors.get(connector) ?? new Map();
  }
}
